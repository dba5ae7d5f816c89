package jsval

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string, which begins at p.i with its quote.
func (p *jsonParser) text() string {
	p.i++
	start := p.i
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return p.s[start : p.i-1]
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			p.fail()
			return ""
		}
	}
	p.fail()
	return ""
}

// escaped goes on with a string at its first escape.
func (p *jsonParser) escaped(start int) string {
	b := append(make([]byte, 0, 2*(p.i-start)+16), p.s[start:p.i]...)
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return string(b)
		case c < ' ':
			p.fail()
			return ""
		case c != '\\':
			b = append(b, c)
		default:
			b = p.escape(b)
		}
	}
	p.fail()
	return ""
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what stands behind a backslash.
func (p *jsonParser) escape(b []byte) []byte {
	if p.i >= len(p.s) {
		p.fail()
		return b
	}
	c := p.s[p.i]
	p.i++
	if c != 'u' {
		e, ok := escapes[c]
		if !ok {
			p.fail()
		}
		return append(b, e)
	}
	r := p.hex4()
	if utf16.IsSurrogate(r) {
		if p.skip(`\`) == 0 || p.skip("u") == 0 {
			p.fail()
			return b
		}
		if r = utf16.DecodeRune(r, p.hex4()); r == utf8.RuneError {
			p.fail()
		}
	}
	return utf8.AppendRune(b, r)
}

func (p *jsonParser) hex4() rune {
	if p.i+4 > len(p.s) {
		p.fail()
		return 0
	}
	n, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 16)
	if err != nil {
		p.fail()
		return 0
	}
	p.i += 4
	return rune(n)
}
