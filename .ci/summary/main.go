// Command summary reads the output of go test -json and prints what failed in
// full, what was skipped with its reason, and how many tests there were.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
}

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer f.Close()
	output := map[string]*strings.Builder{}
	counts := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			if e.Action == "build-output" {
				fmt.Print(e.Output)
			}
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass", "fail", "skip":
			end(e, key, output, counts)
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", counts["pass"], counts["fail"], counts["skip"])
}

// end counts a test, or a package, that has ended.
func end(e event, key string, output map[string]*strings.Builder, counts map[string]int) {
	text := ""
	if b := output[key]; b != nil {
		text = b.String()
	}
	delete(output, key)
	switch {
	case e.Action == "fail":
		fmt.Printf("FAIL %s\n%s", key, text)
	case e.Action == "skip" && e.Test != "":
		fmt.Printf("SKIP %s: %s\n", key, reason(text))
	case e.Action == "pass" && e.Test == "":
		fmt.Printf("ok   %s\n", e.Package)
	}
	if e.Test != "" {
		counts[e.Action]++
	}
}

// reason is what a test said when it skipped itself.
func reason(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}
