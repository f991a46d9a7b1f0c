package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/sandbox"
)

type sandboxOptions struct {
	sandbox.Config
	dir string
	log string
}

func newSandboxCmd(a *app) *cobra.Command {
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox [-- <command> …]",
		Short: "A directory, a proxy and a practice on your own machine",
		Long: `Starts a Spine of your own: an LDAPS directory, a proxy with mutual TLS, and
practices full of synthetic people. With a command it runs that with GPC_CONFIG
and SANDBOX_… set (every address, identifier and file; --dir writes them into a
file .env), and exits with its code; without one it runs until it is
interrupted.

It answers as real systems do, which differs from run to run by a seed that is
printed; --seed repeats a run, --plain switches the differences off. What goes
wrong on purpose is told by --fault, or by the status page while it runs.
docs/sandbox.md has it all.`,
		Example: `  gpc sandbox -- gpc record --ods A12345 --nhs 9000000009
  gpc sandbox --dir ./box
  gpc sandbox --fault provider:error:NO_PATIENT_CONSENT -- ./my-test`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return &usageError{"the command to run must stand behind --", "as in: `gpc sandbox -- gpc record …`"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("seed") && o.Seed == 0 {
				return &usageError{"--seed: there is no seed 0", "name one from 1 on, or none for one at random"}
			}
			return o.run(cmd.Context(), a, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Data, "data", "", "serve the bundles of this `folder` as well, each at every practice")
	flags.StringVar(&o.Practices, "practices", "", "a `file` of practices, added to the sandbox's own")
	flags.StringVar(&o.Patients, "patients", "", "a `file` of people, added to the sandbox's own")
	flags.BoolVar(&o.Plain, "plain", false, "without the differences that are there on purpose")
	flags.StringSliceVar(&o.Off, "off", nil, "`differences` to switch off: "+strings.Join(sandbox.Differences(), ", "))
	flags.Uint64Var(&o.Seed, "seed", 0, "repeat the run of this `seed`")
	flags.StringArrayVar(&o.Faults, "fault", nil, "a fault from the beginning, as `where:what[:value][@n]`, such as provider:status:500@2; may be repeated")
	flags.IntVar(&o.Throttle, "throttle", 0, "`requests` a second and sender that the proxy lets pass")
	flags.BoolVar(&o.PDSByKey, "pds-by-key", false, "PDS takes the application's key alone, too")
	flags.StringVar(&o.Provider, "provider", "", "serve B82617's practice at `[https://]host:port`, without a proxy in front")
	flags.StringVar(&o.Host, "listen", "127.0.0.1", "`host` to listen on")
	flags.IntVar(&o.LDAPPort, "ldap-port", 0, "`port` of the directory; any free one without")
	flags.IntVar(&o.ProxyPort, "proxy-port", 0, "`port` of the proxy; any free one without")
	flags.IntVar(&o.APIPort, "api-port", 0, "`port` of PDS, the SDS FHIR API and the status page; any free one without")
	flags.StringVar(&o.dir, "dir", "", "write certificates, keys, gpc.toml, .env and a README into this `folder`")
	flags.StringVar(&o.log, "log", "", "write every request into this `file`, one JSON object a line")
	return cmd
}

func (o *sandboxOptions) run(ctx context.Context, a *app, command []string) (err error) {
	config := o.Config
	config.Now = a.now
	config.Warn = func(line string) { a.words("sandbox: %s", line) }
	if o.log != "" {
		log, err := os.OpenFile(o.log, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return &usageError{fmt.Sprintf("--log: %v", err), "name a file that can be written"}
		}
		defer func() { err = errors.Join(err, log.Close()) }()
		config.Log = log
	}
	server, err := sandbox.Start(ctx, config)
	if err != nil {
		return cannotStart(err)
	}
	defer server.Close()
	dir, remove, err := o.folder()
	if err != nil {
		return err
	}
	defer remove()
	if err := server.Write(dir); err != nil {
		return &usageError{fmt.Sprintf("the sandbox's files cannot be written: %v", err), "name another folder with --dir"}
	}
	if !o.Plain {
		a.words("sandbox: seed %d", server.Seed())
	}
	configuration := filepath.Join(dir, "gpc.toml")
	if len(command) == 0 {
		return o.wait(ctx, a, server, configuration)
	}
	return runCommand(ctx, a, command, append(server.Environ(dir), "GPC_CONFIG="+configuration, "GPC_PROFILE="+builtIn))
}

// cannotStart says why not, and what to do about it.
func cannotStart(err error) error {
	cure := "`gpc sandbox --help` explains its flags"
	var file *sandbox.FileError
	if errors.As(err, &file) {
		cure = "mend the file; docs/sandbox.md has one of the same form"
	}
	return &usageError{"the sandbox cannot start: " + strings.TrimPrefix(err.Error(), "sandbox: "), cure}
}

// folder is where the files go: the one of --dir, which stays, or one of ours,
// which does not.
func (o *sandboxOptions) folder() (dir string, remove func(), err error) {
	if o.dir != "" {
		dir, err = filepath.Abs(o.dir)
		return dir, func() {}, err
	}
	dir, err = os.MkdirTemp("", "gpc-sandbox-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func (o *sandboxOptions) wait(ctx context.Context, a *app, s *sandbox.Server, configuration string) error {
	a.words("sandbox: directory %s", s.LDAPURL())
	a.words("sandbox: proxy     %s", s.ProxyURL())
	a.words("sandbox: status    %s", s.APIURL())
	if o.Provider != "" {
		a.words("sandbox: provider  %s", s.ProviderURL())
	}
	a.words("sandbox: in another shell, set the line below; ^C ends the sandbox")
	if _, err := fmt.Fprintf(a.stdout, "export GPC_CONFIG=%s\n", configuration); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// runCommand runs command as a child that is told where the sandbox is.
func runCommand(ctx context.Context, a *app, command, environment []string) error {
	cmd := exec.CommandContext(ctx, program(command[0]), command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	cmd.Env = append(os.Environ(), environment...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return &childError{exit.ExitCode()}
	case err != nil && ctx.Err() == nil:
		return &usageError{fmt.Sprintf("the command cannot be run: %v", err), "check its name and path"}
	}
	return err
}

// program finds gpc itself where the PATH does not.
func program(name string) string {
	if _, err := exec.LookPath(name); err != nil && name == "gpc" {
		if self, err := os.Executable(); err == nil {
			return self
		}
	}
	return name
}
