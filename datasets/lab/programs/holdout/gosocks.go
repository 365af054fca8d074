// gosocks PORT [USER PASSWORD]: a SOCKS5 server made of the library armon/go-socks5.
package main

import (
	"log"
	"os"

	"github.com/armon/go-socks5"
)

func main() {
	conf := &socks5.Config{}
	if len(os.Args) > 3 {
		conf.Credentials = socks5.StaticCredentials{os.Args[2]: os.Args[3]}
	}
	server, err := socks5.New(conf)
	if err == nil {
		err = server.ListenAndServe("tcp", ":"+os.Args[1])
	}
	log.Fatal(err)
}
