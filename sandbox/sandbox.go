package sandbox

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"net"
	"strconv"
	"sync"
	"time"
)

//go:embed data
var embedded embed.FS

// Config says what a sandbox is like. The zero value is a sandbox on 127.0.0.1 on free
// ports, with every deliberate difference on and the embedded people alone.
type Config struct {
	Host string // "" is 127.0.0.1; other machines can reach it only if this says so

	LDAPPort, ProxyPort, APIPort int // 0 is any free port

	Plain bool     // every deliberate difference off
	Off   []string // names of single differences to switch off, see Differences
	Seed  uint64   // of the differences; 0 is chosen at random, or the run's, and told by Server.Seed

	Data      string   // folder of bundles to serve besides the embedded people
	Practices string   // file of practices that are added to the embedded ones or replace them, in the form of data/practices.json
	Patients  string   // file of people, in the form of data/people.json and data/pds.json; their bundles lie beside it
	Faults    []string // WHERE:WHAT[:VALUE][@N], see Server.Inject
	Throttle  int      // requests a second and sender that the proxy lets pass; 0 is any number
	PDSByKey  bool     // PDS takes the application's key alone too, as some environments do

	// Provider is [https://]HOST:PORT, where B82617's practice answers without a proxy in front,
	// for test suites that call a provider; "" is nowhere. There any aud is accepted.
	Provider string

	Log  io.Writer        // history as NDJSON, without personal data
	Warn func(string)     // one line for each thing of Data that is not served as it stands
	Now  func() time.Time // clock of tokens, dates and history; nil is time.Now
}

// A Server is a running sandbox.
type Server struct {
	cfg         Config
	seed        uint64
	differences differences
	keys        *authority
	practices   []practice
	surgeries   map[string]*surgery
	state       *state
	moves       *moves
	directory   *directory
	registry    *registry
	people      *people
	rows        []row
	history     *history
	faults      *faults
	traces      traceIDs
	tokens      tokens
	throttle    throttle
	places      chan struct{}             // taken by large bodies, see readBody
	register    func() (*register, error) // who PDS knows

	ldap, proxy, api net.Listener
	provider         net.Listener // nil without Config.Provider

	ctx    context.Context // ends when the server closes; hanging requests end with it
	cancel context.CancelFunc
	detach func() bool
	closed sync.Once
	stop   []func()
	wg     sync.WaitGroup
}

// Start makes new keys, reads the data and returns when every listener answers. The server
// runs until Close is called or ctx ends. An error names what is wrong: a fault that cannot
// be read, a folder that cannot be opened, a port that is taken.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, err
	}
	return start(ctx, cfg, data)
}

func start(ctx context.Context, cfg Config, data fs.FS) (*Server, error) {
	s, err := prepare(ctx, cfg, data)
	if err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	s.serve()
	s.detach = context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

// prepare builds everything that needs no network.
func prepare(ctx context.Context, cfg Config, data fs.FS) (*Server, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if cfg.Throttle < 0 {
		return nil, errors.New("sandbox: the throttle is a number of requests a second, not less than none")
	}
	if cfg.Host == "" {
		cfg.Host = "127.0.0.1"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Warn == nil {
		cfg.Warn = func(string) {}
	}
	s := &Server{cfg: cfg, seed: cfg.Seed, rows: interactionTable(), detach: func() bool { return true }}
	if s.seed == 0 {
		var err error
		if s.seed, err = seedOf(seedOfRun); err != nil {
			return nil, err
		}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.history = &history{now: cfg.Now, log: cfg.Log}
	s.faults, s.moves = &faults{}, &moves{}
	s.state = newState(cfg.Now())
	s.throttle.limit, s.places = cfg.Throttle, make(chan struct{}, places)
	var err error
	if s.differences, err = newDifferences(s.seed, cfg.Plain, cfg.Off); err != nil {
		return nil, err
	}
	if err := s.faults.add(cfg.Faults...); err != nil {
		return nil, err
	}
	if s.keys, err = newAuthority(cfg.Host); err != nil {
		return nil, err
	}
	return s, s.populate(data)
}

// populate fills directory, registry and people.
func (s *Server) populate(data fs.FS) error {
	practices, err := readPractices(data)
	if err != nil {
		return err
	}
	if practices, err = addPractices(practices, s.cfg.Practices); err != nil {
		return err
	}
	s.practices = practices
	if s.surgeries, err = readSurgeries(data, practices); err != nil {
		return err
	}
	s.directory = newDirectory(practices, s.rows, s.differences)
	s.directory.moved = s.moves.address
	s.registry = newRegistry(s.directory, practices)
	if s.people, err = readPeople(data); err != nil {
		return err
	}
	own, err := s.people.addFile(s.cfg.Patients)
	if err != nil {
		return err
	}
	s.register = sync.OnceValues(func() (*register, error) { return newRegister(data, own, s.people, s.registry.practices) })
	if s.cfg.Data != "" {
		return s.people.addFolder(s.cfg.Data, func(line string) { s.cfg.Warn(mask(line)) })
	}
	return nil
}

// listen opens the three ports.
func (s *Server) listen() (err error) {
	for _, l := range []struct {
		to   *net.Listener
		port int
		what string
	}{
		{&s.ldap, s.cfg.LDAPPort, "directory"},
		{&s.proxy, s.cfg.ProxyPort, "proxy"},
		{&s.api, s.cfg.APIPort, "API"},
	} {
		address := net.JoinHostPort(s.cfg.Host, strconv.Itoa(l.port))
		if *l.to, err = net.Listen("tcp", address); err != nil {
			return errors.New("sandbox: the " + l.what + " cannot listen: " + err.Error())
		}
	}
	return s.listenProvider()
}

// serve starts the three servers; each registers how it is stopped.
func (s *Server) serve() {
	s.serveLDAP(s.ldap)
	s.serveHTTP(s.proxy, s.keys.mutual(), s.serveProxy)
	s.serveHTTP(s.api, s.keys.server(), s.serveAPI)
	s.serveProvider()
}

// Close ends every connection and returns when nothing of the server is left: no goroutine,
// no descriptor, no file. The history stays readable. Closing twice is harmless.
func (s *Server) Close() error {
	s.closed.Do(func() {
		s.detach()
		s.cancel()
		for _, l := range []net.Listener{s.ldap, s.proxy, s.api, s.provider} {
			if l != nil {
				l.Close()
			}
		}
		for _, stop := range s.stop {
			stop()
		}
		s.wg.Wait()
		s.history.finish()
	})
	return nil
}

// Requests is what arrived, in order of arrival, never nil. It has the raw truth in it,
// NHS numbers and tokens too: what is written to Config.Log has not.
func (s *Server) Requests() []Request { return s.history.all() }

// Inject switches a fault on, written WHERE:WHAT[:VALUE][@N]; with @N it strikes only the
// N-th request that arrives at that place from now on. The error of an unknown one lists
// those that exist.
func (s *Server) Inject(fault string) error { return s.faults.add(fault) }

// ClearFaults switches every fault off. A request that already hangs goes on hanging.
func (s *Server) ClearFaults() { s.faults.clear() }
