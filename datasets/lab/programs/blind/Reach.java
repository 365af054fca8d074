// `java Reach.java SECONDS HOST...`: InetAddress.isReachable over a list, as a watcher of services does.
import java.net.InetAddress;

class Reach {
    public static void main(String[] args) throws Exception {
        long stop = System.currentTimeMillis() + 1000 * Long.parseLong(args[0]);
        while (System.currentTimeMillis() < stop) {
            for (int i = 1; i < args.length; i++) {
                System.out.println(args[i] + " " + InetAddress.getByName(args[i]).isReachable(1500));
            }
            Thread.sleep(2000);
        }
    }
}
