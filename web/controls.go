package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// prewarmTime is how long a program waits for a prewarm; it leaves time to answer.
const prewarmTime = 20 * time.Second

// ErrNoOther means that no other link can take over from one.
var ErrNoOther = errors.New("no other link can take over")

// Controls are what can be done at once about the program as a whole.
// Implementations must be safe for concurrent use.
type Controls interface {
	// SetStrategy saves how sources are chosen; calls follow it moments later.
	SetStrategy(strategy balance.Strategy) error
	// Failover moves the traffic of a link to the best other one, whose ID it returns.
	// The error wraps endpoint.ErrUnknown when there is no link with that ID, and
	// ErrNoOther when nothing can take over.
	Failover(id string) (string, error)
	// Prewarm prepares links and servers for their first call, and returns how long
	// that took for each. What is not ready when ctx ends has an Error of its own; the
	// error is for what went wrong altogether.
	Prewarm(ctx context.Context) ([]PrewarmView, error)
	// OptimizeMemory returns memory to the system.
	OptimizeMemory() RunView
}

// PrewarmView is how the prewarm of one link or server went.
type PrewarmView struct {
	Kind SourceKind `json:"kind"`
	// ID is the link's; empty for a server.
	ID   string       `json:"id,omitempty"`
	Name string       `json:"name"`
	Took Milliseconds `json:"tookMs"`
	// Timings are the parts of a link's dial, in milliseconds; nil for a server.
	Timings *endpoint.Timings `json:"timings,omitempty"`
	// Error is what went wrong, in English; empty when nothing did.
	Error string `json:"error,omitempty"`
}

// strategyExample is shown to who sends something else.
const strategyExample = `{"strategy":"health-based"}`

// setStrategy changes the strategy to the one that the body names.
func (s *Server) setStrategy(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Strategy string `json:"strategy"`
	}
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", strategyExample)
		return
	}
	strategy, err := balance.ParseStrategy(wish.Strategy)
	if err != nil {
		var names []string
		for _, known := range balance.Strategies() {
			names = append(names, known.String())
		}
		s.refuse(w, r, kindAPI, "unknown_strategy", "names", strings.Join(names, ", "))
		return
	}
	if err := s.deps.Controls.SetStrategy(strategy); err != nil {
		s.refuse(w, r, kindAPI, s.troubleOf("strategy", err))
		return
	}
	s.json(w, r, http.StatusOK, map[string]any{"strategy": strategy})
}

// readJSON reads the body as one JSON value that fits, and nothing after it.
func readJSON(r *http.Request, into any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

// failover answers with the ID of the link that took over.
func (s *Server) failover(w http.ResponseWriter, r *http.Request) {
	chosen, err := s.deps.Controls.Failover(r.PathValue("id"))
	switch {
	case errors.Is(err, endpoint.ErrUnknown):
		s.refuse(w, r, kindAPI, "unknown_endpoint")
	case errors.Is(err, ErrNoOther):
		s.refuse(w, r, kindAPI, "no_other_link")
	case err != nil:
		s.failed(w, r, "failover", err)
	default:
		s.json(w, r, http.StatusOK, map[string]string{"id": chosen})
	}
}

// prewarm answers with how long each part took.
func (s *Server) prewarm(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), prewarmTime)
	defer cancel()
	parts, err := s.deps.Controls.Prewarm(ctx)
	if err != nil {
		s.failed(w, r, "prewarm", err)
		return
	}
	parts = append([]PrewarmView{}, parts...)
	for i := range parts {
		parts[i].Name, parts[i].Error = secret.Text(parts[i].Name), secret.Text(parts[i].Error)
	}
	s.json(w, r, http.StatusOK, parts)
}

// optimize answers with the run.
func (s *Server) optimize(w http.ResponseWriter, r *http.Request) {
	run := s.deps.Controls.OptimizeMemory()
	run.Reason = secret.Text(run.Reason)
	s.json(w, r, http.StatusOK, run)
}

// failed logs why an action failed, and says that it did.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, action string, err error) {
	s.log.Error("action failed", "action", action, "error", secret.Text(err.Error()))
	s.refuse(w, r, kindAPI, "action_failed")
}

// controlled lets a route through when there is something to control.
func (s *Server) controlled(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Controls == nil {
			s.refuse(w, r, kindAPI, "unavailable")
			return
		}
		handle(w, r)
	}
}

// commandAll does something about every link, and answers with the status of all.
func (s *Server) commandAll(v verb) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, status := range s.status() {
			// A link that has gone meanwhile is no trouble.
			if code := s.act(v, status.ID, 0); code != "" && code != "unknown_endpoint" {
				s.refuse(w, r, kindAPI, code)
				return
			}
		}
		s.connections(w, r)
	}
}
