package jsval

import "unicode/utf8"

// Partial counts the bytes at the end of b that begin a character, or a group of
// base64, and do not complete it.
func Partial(b []byte, e Encoding) int {
	n := len(b)
	switch e {
	case UTF16:
		n &^= 1
		if n >= 2 && b[n-1]&0xfc == 0xd8 { // the first half of a pair
			n -= 2
		}
	case Base64, Base64URL:
		n -= n % 3
	case UTF8:
		for i := n - 1; i >= 0 && i > len(b)-utf8.UTFMax; i-- {
			if utf8.RuneStart(b[i]) {
				if !utf8.FullRune(b[i:]) {
					n = i
				}
				break
			}
		}
	}
	return len(b) - n
}
