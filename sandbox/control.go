package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
)

// serveControl answers the control endpoints:
//
//	GET    /health    the sandbox is up
//	GET    /requests  the history as a JSON list, without personal data
//	GET    /faults    the faults that are on, and how many requests each has seen and struck
//	POST   /faults    faults to switch on, one a line
//	DELETE /faults    all faults off
//	POST   /reset     history, faults, tokens and remembered trace ids cleared; appointments,
//	                  registrations and moves forgotten, diaries drawn up anew
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	body, err := s.readBody(w, r)
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /health":
		writeJSON(w, map[string]any{"status": "ok", "seed": s.seed, "ldap": s.LDAPURL(), "proxy": s.ProxyURL(), "api": s.APIURL(), "sds": s.SDSURL(), "pds": s.PDSURL(), "token": s.TokenURL()})
	case "GET /requests":
		list := []publicRequest{}
		for _, q := range s.Requests() {
			list = append(list, q.public())
		}
		writeJSON(w, list)
	case "GET /faults":
		writeJSON(w, s.faults.on())
	case "POST /faults":
		if err := s.faults.add(lines(string(body))...); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case "DELETE /faults":
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	case "POST /reset":
		s.ClearFaults()
		s.history.clear()
		s.traces.clear()
		s.tokens.forget()
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}

// lines are those that are not blank, trimmed.
func lines(body string) (all []string) {
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}
