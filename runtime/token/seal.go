package token

import (
	"strconv"

	"github.com/wthost/wt/runtime/webtask"
)

// Seal implements webtask.Sealer.
func (a *Authority) Seal(plain []byte, scope webtask.Scope) (string, error) {
	return a.ring.Seal(plain, associated(scope))
}

// Open implements webtask.Sealer.
func (a *Authority) Open(sealed string, scope webtask.Scope) ([]byte, error) {
	return a.ring.Open(sealed, associated(scope))
}

// associated is a scope as bytes. The length makes a container "a" with the
// name "bc" differ from "ab" with "c".
func associated(s webtask.Scope) []byte {
	return []byte("webtask secrets " + strconv.Itoa(len(s.Container)) + ":" + s.Container + "/" + s.Name)
}
