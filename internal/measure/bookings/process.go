package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// do has one process book the slots, or settle where there are none.
func (s *story) do(ctx context.Context, slots []client.Slot, kill string) (r result, died bool, err error) {
	files := s.server.Files()
	config, err := s.tls()
	if err != nil {
		return r, false, err
	}
	s.relay.Trust(config)
	t := task{
		Proxy: s.relay.URL(), Chain: files["client.pem"], Key: files["client.key"], Roots: append(files["ca.pem"], pem.EncodeToMemory(s.relay.Block())...),
		Endpoints: s.endpoints, Journal: s.journal(s.seed), Ahead: s.ahead, Timeout: 30 * time.Second, Kill: kill, Patient: s.patient.ID, Slots: slots,
	}
	if strings.HasPrefix(s.plan.post, "never answered") && s.posts() == 0 {
		t.Timeout = 150 * time.Millisecond
	}
	if kill == "" {
		r, err = t.do(ctx)
		return r, false, err
	}
	return s.spawn(t)
}

// spawn lets a process of its own do the task, and perhaps be killed.
func (s *story) spawn(t task) (r result, died bool, err error) {
	program, err := os.Executable()
	if err != nil {
		return r, false, err
	}
	input, err := json.Marshal(t)
	if err != nil {
		return r, false, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stdin = bytes.NewReader(input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Start(); err != nil {
		return r, false, err
	}
	s.aim(cmd.Process, t.Kill)
	if t.Kill == "any time" {
		defer time.AfterFunc(s.plan.after, func() { _ = cmd.Process.Kill() }).Stop()
	}
	err = cmd.Wait()
	s.aim(nil, "")
	switch {
	case err == nil:
		return r, false, json.Unmarshal(out.Bytes(), &r)
	case said.Len() > 0:
		return r, false, fmt.Errorf("the process failed: %s", said.String())
	}
	s.killed++
	return r, true, nil
}

// aim says which process is to be killed when a request has come how far.
func (s *story) aim(p *os.Process, at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process, s.killAt = p, at
}

// point kills the process if its request was to come this far and no further.
func (s *story) point(at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil && s.killAt == at {
		_ = s.process.Kill()
	}
}
