import java.io.*;
import java.net.*;
import java.rmi.*;
import java.rmi.registry.*;
import java.rmi.server.UnicastRemoteObject;
import java.util.*;

/** Calls of Java programs: {@code rmi}, {@code objects} (serialised), {@code data} (DataOutputStream), {@code ping}. */
public class Calls {
    public interface Stock extends Remote {
        int left(String item) throws RemoteException;
        List<String> names(int from) throws RemoteException;
    }

    static class Shelf implements Stock {
        public int left(String item) { return item.hashCode() & 1023; }
        public List<String> names(int from) {
            List<String> out = new ArrayList<>();
            for (int i = from; i < from + 12; i++) out.add("part-" + i);
            return out;
        }
    }

    static void serve(String kind, int port) throws Exception {
        if (kind.equals("rmi")) {
            Registry registry = LocateRegistry.createRegistry(port);
            registry.rebind("stock", UnicastRemoteObject.exportObject(new Shelf(), port + 1));
            Thread.sleep(90_000);
        }
        try (ServerSocket socket = new ServerSocket(port)) {
            while (true) {
                Socket peer = socket.accept();
                new Thread(() -> { try { answer(kind, peer); } catch (Exception gone) { } }).start();
            }
        }
    }

    static void answer(String kind, Socket peer) throws Exception {
        if (kind.equals("objects")) {
            ObjectOutputStream out = new ObjectOutputStream(peer.getOutputStream());
            out.flush();
            ObjectInputStream in = new ObjectInputStream(peer.getInputStream());
            while (true) {
                Object asked = in.readObject();
                out.writeObject(new HashMap<>(Map.of("for", asked, "left", asked.hashCode() & 1023)));
                out.reset();
                out.flush();
            }
        }
        DataInputStream in = new DataInputStream(peer.getInputStream());
        DataOutputStream out = new DataOutputStream(peer.getOutputStream());
        while (true) {
            int call = in.readInt();
            in.readShort();
            String item = in.readUTF();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream fields = new DataOutputStream(body);
            fields.writeInt(call);
            fields.writeDouble(item.hashCode() / 1000.0);
            fields.writeLong(System.currentTimeMillis());
            out.write(body.toByteArray());
        }
    }

    static void ask(String kind, String host, int port, int times, Random random) throws Exception {
        if (kind.equals("ping")) {
            for (int i = 0; i < times; i++) {
                InetAddress.getByName(host).isReachable(900);
                Thread.sleep(200 + random.nextInt(900));
            }
            return;
        }
        if (kind.equals("rmi")) {
            Stock stock = (Stock) LocateRegistry.getRegistry(host, port).lookup("stock");
            for (int i = 0; i < times; i++) {
                if (i % 4 == 3) stock.names(i * 10);
                else stock.left("part-" + random.nextInt(400));
                Thread.sleep(150 + random.nextInt(1400));
            }
            return;
        }
        try (Socket peer = new Socket(host, port)) {
            ObjectOutputStream objects = kind.equals("objects") ? new ObjectOutputStream(peer.getOutputStream()) : null;
            ObjectInputStream answers = objects == null ? null : new ObjectInputStream(peer.getInputStream());
            for (int i = 0; i < times; i++) {
                if (objects != null) {
                    objects.writeObject("part-" + random.nextInt(400));
                    objects.flush();
                    answers.readObject();
                } else {
                    ByteArrayOutputStream body = new ByteArrayOutputStream();
                    DataOutputStream out = new DataOutputStream(body);
                    out.writeInt(i);
                    out.writeShort(random.nextInt(5));
                    out.writeUTF("gauge/" + random.nextInt(60) + "/level");
                    peer.getOutputStream().write(body.toByteArray());
                    new DataInputStream(peer.getInputStream()).readFully(new byte[20]);
                }
                Thread.sleep(150 + random.nextInt(1400));
            }
        }
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) serve(args[1], Integer.parseInt(args[3]));
        else ask(args[1], args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]), new Random(Long.parseLong(args[5])));
        System.exit(0);
    }
}
