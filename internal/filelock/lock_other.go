//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"os"
)

// Try cannot: there is no lock between processes here.
func Try(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func Unlock(*os.File) error { return errors.ErrUnsupported }

func syncFolder(string) error { return nil }
