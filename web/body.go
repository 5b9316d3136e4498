package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"
)

// takeBody checks what a request sends and reads all of it, so that a route meets a
// body that is whole, in memory and no longer than Options.MaxBody, mcpBody for MCP, or
// fileBody for the text of the configuration file. It returns the code of the trouble, or
// "". What comes with a GET is read away: nothing wants it.
func (s *Server) takeBody(w http.ResponseWriter, r *http.Request, k kind) string {
	most := s.options.MaxBody
	switch {
	case k == kindMCP:
		most = mcpBody
	case r.URL.Path == filePath, r.URL.Path == textPath:
		most = fileBody
	}
	if r.ContentLength > most {
		return "too_large"
	}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if declared := r.Header.Get("Content-Type"); declared != "" || r.ContentLength != 0 {
		if !reading && !accepted(declared, k) {
			return "unsupported_type"
		}
	}
	if r.Body == http.NoBody {
		return ""
	}
	// A deadline over the whole body: no route ever waits for a slow sender.
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(headerTimeout))
	defer http.NewResponseController(w).SetReadDeadline(time.Time{})
	var body bytes.Buffer
	var to io.Writer = &body
	if reading {
		to = io.Discard
	}
	_, err := io.Copy(to, http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "too_large"
	case err != nil:
		return "cut_short" // half a form must not pass for a whole one
	}
	r.Body = io.NopCloser(&body)
	return ""
}

// accepted reports whether a route of a kind takes a content type.
func accepted(declared string, k kind) bool {
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		return false
	}
	if k == kindAPI || k == kindMCP {
		return media == "application/json"
	}
	return media == "application/x-www-form-urlencoded"
}
