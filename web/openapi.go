package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"sync"
)

//go:embed openapi/*.json
var openapiFiles embed.FS

// openapiDocument is the description of the API, put together when somebody first asks for it.
var openapiDocument = sync.OnceValues(func() ([]byte, error) {
	doc, err := mergeOpenAPI(openapiFiles)
	if err != nil {
		return nil, err
	}
	return json.Marshal(doc)
})

// mergeOpenAPI puts the files of the description together: base.json, and the paths and
// components of one file for each area. What stands in two of them is an error.
func mergeOpenAPI(files fs.FS) (map[string]any, error) {
	names, err := fs.Glob(files, "openapi/*.json")
	if err != nil {
		return nil, err
	}
	whole := map[string]any{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var part map[string]any
		if err := json.Unmarshal(text, &part); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := merge(whole, part, 3); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return whole, nil
}

// merge puts the members of one object into another. Objects that both have are merged as
// well, down to a depth.
func merge(into, from map[string]any, depth int) error {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		old, there := into[key]
		if !there {
			into[key] = from[key]
			continue
		}
		a, both := old.(map[string]any)
		b, ok := from[key].(map[string]any)
		if !both || !ok || depth == 1 {
			return fmt.Errorf("%s stands there twice", key)
		}
		if err := merge(a, b, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// openapi answers with the description of the API.
func (s *Server) openapi(w http.ResponseWriter, r *http.Request) {
	text, err := openapiDocument()
	if err != nil { // the files are part of the program, and a test reads them
		s.log.Error("the description of the API cannot be read", "error", err)
		s.refuse(w, r, kindAPI, "internal")
		return
	}
	s.write(w, r, http.StatusOK, "application/json; charset=utf-8", text)
}
