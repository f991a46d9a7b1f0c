package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// template is the file that `gpc config init` writes.
//
//go:embed template.toml
var template []byte

func newConfigCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Write, show and check the configuration",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "init", Short: "Write a configuration to begin with, every key explained", Args: noArgs,
			RunE: func(*cobra.Command, []string) error { return configInit(a) },
		},
		&cobra.Command{
			Use: "show", Short: "Print the profile that would be used, and what is set for all", Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return configShow(cmd, a) },
		},
		&cobra.Command{
			Use: "check", Short: "Check the profile, its certificate and its key, without a network", Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return configCheck(cmd, a) },
		},
	)
	return cmd
}

func configInit(a *app) error {
	path, _ := a.configPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &usageError{fmt.Sprintf("the folder cannot be made: %v", err), "name another file with --config"}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{fmt.Sprintf("%s exists already", path), "edit it, or name a new file with --config; nothing is overwritten"}
	}
	if err != nil {
		return &usageError{fmt.Sprintf("the configuration cannot be written: %v", err), "name another file with --config"}
	}
	_, err = f.Write(template)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	a.words("wrote %s; fill it in, then `gpc config check`", path)
	return nil
}

func configShow(cmd *cobra.Command, a *app) error {
	c := new(connection)
	defer a.close(c)
	p, err := a.profile(cmd.Context(), c)
	if err != nil {
		return err
	}
	path, _ := a.configPath()
	stands := "of " + path
	if c.builtIn {
		stands = "is built in"
	}
	data, err := p.Shown()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "# profile %q %s\n%s", p.Name, stands, data)
	return err
}

func configCheck(cmd *cobra.Command, a *app) error {
	c, err := a.connect(cmd.Context())
	if err != nil {
		return err
	}
	defer a.close(c)
	if _, err := a.encounter(c); err != nil {
		return err
	}
	if _, err := c.profile.ClientSettling(a.flags.timeout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "profile %q is complete; nothing was asked of the network\n", c.profile.Name)
	return err
}
