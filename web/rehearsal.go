package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
)

// Rehearser plays a Xiaozhi cloud on this computer, to see what an assistant would hear
// of a tool. Rehearse really calls the tool, and returns when link and cloud are gone
// again. The error wraps ErrRehearsing, or says that there was no rehearsal;
// what goes wrong in one is in its report. Implementations must be safe for concurrent use.
type Rehearser interface {
	Families() []RehearsalFamily
	Rehearse(ctx context.Context, scene RehearsalScene) (RehearsalReport, error)
}

// ErrRehearsing says that another rehearsal is going on.
var ErrRehearsing = errors.New("another rehearsal is going on")

// RehearsalFamily is a kind of cloud; its words are under rehearsal.family.NAME.
type RehearsalFamily struct {
	Name string
	// CallTime is how long it waits for a tool, and ResultBytes how much of a result it
	// passes on.
	CallTime    time.Duration
	ResultBytes int
}

// RehearsalScene is what is to be rehearsed.
type RehearsalScene struct {
	// Family is the name of one of Rehearser.Families.
	Family string
	// Endpoint is the ID of the link in whose place the tool is called; empty sees all.
	Endpoint string
	Tool     string
	// Arguments is a raw JSON object.
	Arguments []byte
}

// RehearsalReport is what came of a rehearsal.
type RehearsalReport struct {
	// OK: every step went well, perhaps with a remark, and something was heard.
	OK    bool
	Steps []RehearsalStep
	Heard RehearsalHeard
	Took  time.Duration
}

// RehearsalHeard is what the assistant would have been given.
type RehearsalHeard struct {
	Text string
	// IsError: it is told as a failure. Cut: Text is only the beginning.
	IsError, Cut bool
	// Silence is the code of a remark that says why there is no Text; empty when there is.
	Silence string
}

// RehearsalLevel says how a step of a rehearsal went.
type RehearsalLevel uint8

const (
	// RehearsalPassed went well.
	RehearsalPassed RehearsalLevel = iota
	// RehearsalDoubtful works, with something to be seen to.
	RehearsalDoubtful
	// RehearsalFailed does not work.
	RehearsalFailed
	// RehearsalSkipped was not come to.
	RehearsalSkipped
)

var rehearsalLevelNames = [...]string{"pass", "warn", "fail", "skip"}

// String returns "pass", "warn", "fail" or "skip".
func (l RehearsalLevel) String() string {
	if int(l) < len(rehearsalLevelNames) {
		return rehearsalLevelNames[l]
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// MarshalText returns the name.
func (l RehearsalLevel) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// RehearsalStep is one part of a rehearsal; its word is under rehearsal.step.NAME.
type RehearsalStep struct {
	Name  string
	Level RehearsalLevel
	Took  time.Duration
	// Sent and Got are the beginnings of what the cloud sent and was answered, without
	// secrets; SentBytes and GotBytes are the sizes of the whole.
	Sent, Got           string
	SentBytes, GotBytes int
	Remarks             []RehearsalRemark
}

// RehearsalRemark is one thing to say about a step; its text is under
// rehearsal.remark.CODE.
type RehearsalRemark struct {
	Code         string
	Level        RehearsalLevel
	Count, Limit int
	Names        []string
	Time         time.Duration
	Text         string
}

// rehearsalWish is a rehearsal as a program asks for it.
type rehearsalWish struct {
	Family    string          `json:"family"`
	Endpoint  string          `json:"endpoint"`
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments"`
}

// rehearsalExample is shown to who sends something else.
const rehearsalExample = `{"family":"official","endpoint":"","tool":"switchboard__time","arguments":{}}`

// rehearsalCommand rehearses for a program.
func (s *Server) rehearsalCommand(w http.ResponseWriter, r *http.Request) {
	if s.deps.Rehearser == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	var wish rehearsalWish
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", rehearsalExample)
		return
	}
	words := s.words(r)
	scene, wrong := s.sceneOf(words, wish.Family, wish.Endpoint, wish.Tool, string(wish.Arguments))
	if len(wrong) > 0 {
		s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
			"code": "not_valid", "message": words.Say("trouble.not_valid.text"), "fields": wrong,
		}})
		return
	}
	report, err := s.deps.Rehearser.Rehearse(r.Context(), scene)
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime)) // it may take longer than an answer
	switch {
	case err != nil && r.Context().Err() != nil: // who asked went away
	case errors.Is(err, ErrRehearsing):
		s.refuse(w, r, kindAPI, "rehearsing")
	case err != nil:
		s.failed(w, r, "rehearse", err)
	default:
		s.json(w, r, http.StatusOK, rehearsalOf(words, scene, report))
	}
}

// rehearsalView is a report for programs.
type rehearsalView struct {
	Family string              `json:"family"`
	Tool   string              `json:"tool"`
	OK     bool                `json:"ok"`
	Took   Milliseconds        `json:"tookMs"`
	Steps  []rehearsalStepView `json:"steps"`
	Heard  rehearsalHeardView  `json:"heard"`
}

type rehearsalStepView struct {
	Name      string                `json:"name"`
	Level     RehearsalLevel        `json:"level"`
	Took      Milliseconds          `json:"tookMs"`
	Sent      string                `json:"sent"`
	SentBytes int                   `json:"sentBytes"`
	Got       string                `json:"got"`
	GotBytes  int                   `json:"gotBytes"`
	Remarks   []rehearsalRemarkView `json:"remarks"`
}

type rehearsalRemarkView struct {
	Code  string         `json:"code"`
	Level RehearsalLevel `json:"level"`
	Text  string         `json:"text"`
}

type rehearsalHeardView struct {
	Text    string `json:"text"`
	IsError bool   `json:"isError"`
	Cut     bool   `json:"cut"`
	Silence string `json:"silence,omitempty"`
}

// rehearsalOf puts a report into words.
func rehearsalOf(words *assets.Translator, scene RehearsalScene, report RehearsalReport) rehearsalView {
	p := painter{words: words}
	v := rehearsalView{Family: scene.Family, Tool: scene.Tool, OK: report.OK, Took: Milliseconds(report.Took), Steps: []rehearsalStepView{}, Heard: rehearsalHeardView{
		Text: secret.Text(report.Heard.Text), IsError: report.Heard.IsError, Cut: report.Heard.Cut, Silence: report.Heard.Silence,
	}}
	for _, s := range report.Steps {
		step := rehearsalStepView{Name: s.Name, Level: s.Level, Took: Milliseconds(s.Took), Sent: secret.Text(s.Sent), SentBytes: s.SentBytes,
			Got: secret.Text(s.Got), GotBytes: s.GotBytes, Remarks: []rehearsalRemarkView{}}
		for _, r := range s.Remarks {
			step.Remarks = append(step.Remarks, rehearsalRemarkView{r.Code, r.Level, p.rehearsalRemark(r)})
		}
		v.Steps = append(v.Steps, step)
	}
	return v
}
