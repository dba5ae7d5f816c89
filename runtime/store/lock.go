package store

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/wthost/wt/runtime/webtask"
)

// LockDir makes the data folder, where it does not exist, and takes it for this
// process, until unlock is called or the process ends, however it ends. A folder
// that another process has is a Conflict.
func LockDir(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	if !ok {
		return nil, webtask.Errorf(webtask.Conflict, "the data folder %s is in use by another process", dir).
			WithHint("stop the other wt, or give this one a data folder of its own")
	}
	return lock.Unlock, nil
}
