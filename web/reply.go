package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// statuses are the HTTP statuses of the troubles that a request can meet. Their
// texts are under trouble.CODE.
var statuses = map[string]int{
	"not_found":          http.StatusNotFound,
	"unknown_endpoint":   http.StatusNotFound,
	"unknown_version":    http.StatusNotFound,
	"unknown_tool":       http.StatusNotFound,
	"unknown_server":     http.StatusNotFound,
	"server_off":         http.StatusConflict,
	"unconfirmed":        http.StatusUnprocessableEntity,
	"method_not_allowed": http.StatusMethodNotAllowed,
	"foreign_host":       http.StatusForbidden,
	"foreign_origin":     http.StatusForbidden,
	"key_needed":         http.StatusUnauthorized,
	"wrong_key":          http.StatusUnauthorized,
	"many_keys":          http.StatusTooManyRequests,
	"no_key":             http.StatusForbidden,
	"key_in_use":         http.StatusConflict,
	"too_large":          http.StatusRequestEntityTooLarge,
	"unsupported_type":   http.StatusUnsupportedMediaType,
	"cut_short":          http.StatusBadRequest,
	"bad_json":           http.StatusBadRequest,
	"unknown_strategy":   http.StatusUnprocessableEntity,
	"unknown_span":       http.StatusUnprocessableEntity,
	"unknown_level":      http.StatusUnprocessableEntity,
	"bad_query":          http.StatusUnprocessableEntity,
	"no_other_link":      http.StatusConflict,
	"unavailable":        http.StatusNotFound,
	"bad_filter":         http.StatusUnprocessableEntity,
	"bad_form":           http.StatusBadRequest,
	"conflict":           http.StatusConflict,
	"broken_file":        http.StatusConflict,
	"exists":             http.StatusConflict,
	"not_valid":          http.StatusUnprocessableEntity,
	"not_written":        http.StatusInternalServerError,
	"not_permitted":      http.StatusInternalServerError,
	"foreign_owner":      http.StatusInternalServerError,
	"disk_full":          http.StatusInsufficientStorage,
	"too_late":           http.StatusGone,
	"crowded":            http.StatusServiceUnavailable,
	"busy":               http.StatusServiceUnavailable,
	"rehearsing":         http.StatusServiceUnavailable,
	"action_failed":      http.StatusInternalServerError,
	"internal":           http.StatusInternalServerError,
}

// refuse answers with a trouble: JSON to programs, a notice to htmx, else a page.
// Args are for the placeholders of its text.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, k kind, code string, args ...any) {
	words := s.words(r)
	status := statuses[code]
	text := words.Say("trouble."+code+".text", args...)
	switch {
	case k.page() && r.Header.Get("HX-Request") == "true":
		var b bytes.Buffer
		b.WriteString(`<hx-partial hx-target="#notice" hx-swap="innerHTML">`)
		ui.Notice(text).Render(r.Context(), &b) // a buffer takes everything
		b.WriteString("</hx-partial>")
		s.write(w, r, status, "text/html; charset=utf-8", b.Bytes())
	case k.page() && !strings.Contains(r.Header.Get("Accept"), "application/json"):
		title := words.Say("trouble." + code + ".title")
		f := s.frame(r, title, "")
		s.page(w, r, status, f, ui.Trouble(words.Say, strconv.Itoa(status), title, text))
	default:
		s.json(w, r, status, map[string]any{"error": map[string]string{"code": code, "message": text}})
	}
}

// page answers with a whole page.
func (s *Server) page(w http.ResponseWriter, r *http.Request, status int, f ui.Frame, content templ.Component) {
	var b bytes.Buffer
	if err := ui.Page(f).Render(templ.WithChildren(r.Context(), content), &b); err != nil {
		s.log.Error("page cannot be rendered", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Add("Vary", "Accept-Language, Cookie")
	s.write(w, r, status, "text/html; charset=utf-8", b.Bytes())
}

// json answers with a value.
func (s *Server) json(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.log.Error("answer cannot be encoded", "error", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"the answer cannot be encoded"}}`)
	}
	s.write(w, r, status, "application/json; charset=utf-8", append(body, '\n'))
}

// packers are costly to make.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

// write sends a body, compressed where that pays and is welcome.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, media string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Add("Vary", "Accept-Encoding")
	if len(body) > 1024 && welcomesGzip(r) {
		var b bytes.Buffer
		z := packers.Get().(*gzip.Writer)
		z.Reset(&b)
		z.Write(body) // a buffer takes everything
		z.Close()
		packers.Put(z)
		body = b.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // a browser that went away is none of our business
	}
}

// welcomesGzip reads Accept-Encoding as far as browsers use it.
func welcomesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// asset answers with an embedded file. Its address names its content, so it may be
// kept for ever.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := assets.Find(r.URL.Path)
	if !ok {
		s.refuse(w, r, kindPage, "not_found")
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.Type)
	h.Add("Vary", "Accept-Encoding")
	body := f.Body
	if len(f.Gzip) < len(f.Body) && welcomesGzip(r) {
		body = f.Gzip
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}
