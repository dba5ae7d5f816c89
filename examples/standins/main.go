// Command standins serves what the examples talk to when make run shows them: the
// token example's page and API, Respoke, a weather API and the hosted code. It prints
// its address and serves until it is ended.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/wthost/wt/examples/internal/standin"
)

func main() {
	keyFile := flag.String("key", "", "`file` with the secret that all the services want")
	folder := flag.String("examples", "examples", "`folder` of the examples")
	flag.Parse()
	if err := run(*keyFile, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "standins:", err)
		os.Exit(1)
	}
}

func run(keyFile, folder string) error {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + ln.Addr().String())
	return http.Serve(ln, services(strings.TrimSpace(string(text)), folder))
}

// services puts each stand-in under a path of its own.
func services(key, folder string) http.Handler {
	mux := http.NewServeMux()
	for prefix, h := range map[string]http.Handler{
		"/api":     standin.API(key),
		"/respoke": standin.Respoke(standin.RespokeApp{ID: "demo-app", Secret: key, Role: "demo-role"}),
		"/weather": standin.Weather(key),
		"/code":    standin.Folder(filepath.Join(folder, "hosted")),
		"/page":    standin.Folder(filepath.Join(folder, "token")),
	} {
		mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
	}
	return mux
}
