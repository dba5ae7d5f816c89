package main

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxDotenv bounds a file of secrets or metadata, in bytes.
const maxDotenv = 1 << 20

var dotenvLine = regexp.MustCompile(`^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$`)

// readDotenv reads a file of KEY=VALUE lines. Values are taken as they are:
// unlike other readers of this format it never expands $NAME, which would
// silently change a password, and its errors repeat nothing of the file.
func (e *Env) readDotenv(flag, name string) ([]pair, error) {
	b, err := e.readFile(name, maxDotenv)
	if err != nil {
		return nil, usagef("cannot read the --%s %q: %v", flag, clip(name, 80), err)
	}
	if !utf8.Valid(b) {
		return nil, usagef("the --%s is not a text file", flag)
	}
	pairs, bad := parseDotenv(string(b))
	if bad > 0 {
		return nil, usagef("line %d of the --%s is not KEY=VALUE", bad, flag).
			withHint(`a value of several lines stands in double quotes: KEY="…"`)
	}
	return pairs, nil
}

// parseDotenv returns the pairs, or the number of the first line that is wrong.
func parseDotenv(text string) (pairs []pair, badLine int) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		start := i
		if line := strings.TrimSpace(lines[i]); line == "" || line[0] == '#' {
			continue
		}
		m := dotenvLine.FindStringSubmatch(lines[i])
		if m == nil {
			return nil, start + 1
		}
		raw := m[2]
		quote := openQuote(raw)
		for quote != 0 && closing(raw, quote) < 0 {
			if i++; i == len(lines) {
				return nil, start + 1
			}
			raw += "\n" + lines[i]
		}
		pairs = append(pairs, pair{key: m[1], value: dotenvValue(raw, quote)})
	}
	return pairs, 0
}

func openQuote(raw string) byte {
	if raw != "" && strings.IndexByte("\"'`", raw[0]) >= 0 {
		return raw[0]
	}
	return 0
}

// closing is where the quoted value ends, or -1.
func closing(raw string, quote byte) int {
	for i := 1; i < len(raw); i++ {
		switch {
		case raw[i] == '\\' && quote == '"':
			i++
		case raw[i] == quote:
			return i
		}
	}
	return -1
}

var dotenvEscapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// dotenvValue removes quotes, escapes (in double quotes) and a comment.
func dotenvValue(raw string, quote byte) string {
	switch quote {
	case 0:
		if i := strings.Index(raw, " #"); i >= 0 {
			raw = raw[:i]
		}
		return strings.TrimSpace(raw)
	case '"':
		return dotenvEscapes.Replace(raw[1:closing(raw, quote)])
	}
	return raw[1:closing(raw, quote)]
}
