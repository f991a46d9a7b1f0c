package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/sandbox"
)

// connection is a profile made ready: what a command needs to ask.
type connection struct {
	profile   *profile.Profile
	directory profile.Directory
	client    *client.Client
	writes    bool           // the journal of writes is wanted
	intents   client.Journal // and this is it
	builtIn   bool           // the sandbox inside this process
	closers   []func() error
}

// close ends what was opened, the latest first. What cannot be ended well is
// said: of the journal it means that outcomes may be missing in it.
func (a *app) close(c *connection) {
	for i := len(c.closers) - 1; i >= 0; i-- {
		if err := c.closers[i](); err != nil {
			a.words("warning: %v", err)
		}
	}
	c.closers = nil
}

// open makes the profile's directory ready.
func (c *connection) open(config *tls.Config) (err error) {
	var end func() error
	if c.directory, end, err = c.profile.Directory(config); err == nil {
		c.closers = append(c.closers, end)
	}
	return err
}

// connect resolves the configuration and checks everything that can be
// checked without a network. The caller closes what it returns.
func (a *app) connect(ctx context.Context) (*connection, error) {
	c := new(connection)
	if err := a.fill(ctx, c); err != nil {
		a.close(c)
		return nil, err
	}
	return c, nil
}

func (a *app) fill(ctx context.Context, c *connection) (err error) {
	if c.profile, err = a.profile(ctx, c); err != nil {
		return err
	}
	config, warnings, err := c.profile.TLS(time.Now()) // the machine's clock: handshakes go by it
	if err != nil {
		return err
	}
	for _, w := range warnings {
		a.words("warning: %s %s", w.File, w.What)
		a.words("to do: %s", w.Cure)
	}
	if err = c.open(config); err != nil {
		return err
	}
	settings := c.profile.Client(config, c.directory, a.flags.timeout)
	settings.Now = a.now
	if err := a.journal(c, &settings); err != nil {
		return err
	}
	if err := a.keepIntents(c, &settings); err != nil {
		return err
	}
	if c.client, err = client.New(settings); err != nil {
		return err
	}
	c.closers = append(c.closers, func() error { c.client.Close(); return nil })
	return nil
}

// journal opens the profile's journal of calls, where it keeps one.
func (a *app) journal(c *connection, settings *client.Config) error {
	journal, madeKey, err := c.profile.Journal()
	if err != nil || journal == nil {
		return err
	}
	if madeKey {
		a.words("made a key for the journal of calls; without it no patient can be found in the journal again")
	}
	settings.Auditor = journal
	c.closers = append(c.closers, journal.Close)
	return nil
}

// encounter begins one as the organisation and the user that flags and
// profile name.
func (a *app) encounter(c *connection) (*client.Encounter, error) {
	organisation, err := c.profile.Organisation(a.flags.as)
	if err != nil {
		return nil, err
	}
	return c.client.Encounter(organisation, c.profile.Practitioner())
}

// profile finds the profile: the flag before the environment before the file.
// The built-in one is used only where it is asked for by name and no file
// defines another of that name.
func (a *app) profile(ctx context.Context, c *connection) (*profile.Profile, error) {
	name := first(a.flags.profile, a.getenv("GPC_PROFILE"))
	file, err := a.configFile()
	var none *noConfig
	switch {
	case errors.As(err, &none) && name == builtIn:
		return a.sandboxProfile(ctx, c)
	case err != nil:
		return nil, err
	}
	if _, defined := file.Profiles[builtIn]; name == builtIn && !defined {
		return a.sandboxProfile(ctx, c)
	}
	return file.Select(name)
}

const builtIn = "sandbox"

// noConfig is that no file was named and the default one is not there.
type noConfig struct{ path string }

func (e *noConfig) Error() string {
	return fmt.Sprintf("no configuration: neither --config nor GPC_CONFIG names a file, and there is no %s", e.path)
}

// configFile reads the configuration file that flag, environment or default name.
func (a *app) configFile() (*profile.File, error) {
	path, named := a.configPath()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil, &noConfig{path}
	}
	if err != nil {
		reason := err
		if e := new(fs.PathError); errors.As(err, &e) {
			reason = e.Err
		}
		return nil, &profile.Problem{
			File: path, What: fmt.Sprintf("cannot be read: %v", reason),
			Cure: "name another with --config or GPC_CONFIG; `gpc config init` writes one",
		}
	}
	return profile.Parse(profile.Source{Name: path, Data: data, Read: profile.Reader(filepath.Dir(path), os.ReadFile), Getenv: a.getenv})
}

// configPath says which file, and whether somebody named it.
func (a *app) configPath() (path string, named bool) {
	if path = first(a.flags.config, a.getenv("GPC_CONFIG")); path != "" {
		return path, true
	}
	dir, err := a.configDir()
	if err != nil {
		dir = "."
	}
	return filepath.Join(dir, "gpc", "gpc.toml"), false
}

// sandboxProfile starts the sandbox inside this process; its keys and its
// configuration stay in memory.
func (a *app) sandboxProfile(ctx context.Context, c *connection) (*profile.Profile, error) {
	server, err := sandbox.Start(ctx, sandbox.Config{Now: a.now})
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	c.closers, c.builtIn = append(c.closers, server.Close), true
	a.words("sandbox: synthetic people, no real practice (seed %d)", server.Seed())
	data, err := server.File("gpc.toml")
	if err != nil {
		return nil, err
	}
	file, err := profile.Parse(profile.Source{Name: "the sandbox's gpc.toml", Data: data, Read: server.File, Getenv: a.getenv})
	if err != nil {
		return nil, err
	}
	return file.Select(builtIn)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
