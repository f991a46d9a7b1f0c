package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/journal"
)

// connectToWrite is connect for commands that change something at a practice: with the
// journal of writes, without which the SDK sends none.
func (a *app) connectToWrite(ctx context.Context) (*connection, error) {
	c := &connection{writes: true}
	if err := a.fill(ctx, c); err != nil {
		a.close(c)
		return nil, err
	}
	return c, nil
}

// keepIntents opens the journal of writes of the profile's environment.
func (a *app) keepIntents(c *connection, settings *client.Config) (err error) {
	if !c.writes {
		return nil
	}
	if settings.Settling, err = c.profile.ClientSettling(a.flags.timeout); err != nil {
		return err
	}
	dir, err := a.stateFolder(c)
	if err != nil {
		return err
	}
	if !c.builtIn { // whose configuration lies in no folder, so that nothing is relative to it
		dir = c.profile.IntentsDir(dir)
	}
	c.intents, err = journal.Open(journal.Config{Dir: dir, Now: a.now})
	settings.Journal = c.intents
	if err != nil {
		return &profile.Problem{
			File: dir, What: fmt.Sprintf("the journal of writes cannot be kept there: %v", err),
			Cure: "make the folder yours alone (mode 0700), or name another with dir in [journal]; nothing is written without it",
		}
	}
	return nil
}

// stateFolder is where what a program must not forget is kept for the user. The built-in
// sandbox ends with the command, and what was written there with it.
func (a *app) stateFolder(c *connection) (string, error) {
	if c.builtIn {
		dir, err := os.MkdirTemp("", "gpc-journal-")
		if err != nil {
			return "", err
		}
		c.closers = append(c.closers, func() error { return os.RemoveAll(dir) })
		return dir, nil
	}
	if dir := a.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) { // a relative one is to be ignored (XDG Base Directory)
		return dir, nil
	}
	home, err := os.UserHomeDir()
	switch {
	case runtime.GOOS == "windows" && a.getenv("LocalAppData") != "":
		return a.getenv("LocalAppData"), nil
	case err != nil:
		return "", errors.New("there is no folder for the journal of writes: neither XDG_STATE_HOME nor HOME is set, and [journal] names none")
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}
