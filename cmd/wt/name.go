package main

import (
	"encoding/json"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// taskName is the name of a new task: the given one, else that of the
// package.json beside the code, else one made from the code's place.
func (e *Env) taskName(given string, s source, ignorePackage bool) (string, error) {
	if given != "" {
		return given, checkTaskName(given)
	}
	if dir := s.dir(); dir != "" && !ignorePackage {
		if name := e.packageName(dir); name != "" {
			if err := webtask.CheckName("task", name); err != nil {
				return "", usagef("the name in package.json does not fit: %v", err).
					withHint("choose a name with --name, or give --ignore-package-json")
			}
			return name, nil
		}
	}
	name := s.baseName()
	if err := webtask.CheckName("task", name); err != nil {
		return "", usagef("%v", err).withHint("choose a name with --name")
	}
	return name, nil
}

// checkTaskName checks a name from the command line.
func checkTaskName(name string) error {
	if err := webtask.CheckName("task", name); err != nil {
		return usagef("%v", err).withHint("wt ls shows the names of your tasks")
	}
	return nil
}

// packageName is the name in a folder's package.json, or "": a file that is
// not there or is broken names nothing, as in wt-cli.
func (e *Env) packageName(dir string) string {
	b, err := e.readFile(filepath.Join(dir, "package.json"), 1<<20)
	if err != nil {
		return ""
	}
	var p struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(b, &p)
	return p.Name
}

// dir is the folder whose package.json belongs to the code.
func (s source) dir() string {
	switch s.kind {
	case fromFile:
		return filepath.Dir(s.spec)
	case fromStdin:
		return s.spec
	}
	return ""
}

// baseName is the last part of where the code is, without its extension.
func (s source) baseName() string {
	base := filepath.Base(s.spec)
	if s.kind == fromURL {
		u, err := url.Parse(s.spec)
		if err != nil {
			return ""
		}
		base = strings.Trim(path.Base(u.Path), "/.")
	}
	ext := path.Ext(base)
	if ext == base {
		return base
	}
	return strings.TrimSuffix(base, ext)
}

var hostName = regexp.MustCompile(
	`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// checkHost checks a custom domain.
func checkHost(host string) error {
	if host != "" && (len(host) > 253 || !hostName.MatchString(host)) {
		return usagef("--host %q is neither a domain name nor an IPv4 address", clip(host, 60)).
			withHint("give the bare name, such as tasks.example.org")
	}
	return nil
}
