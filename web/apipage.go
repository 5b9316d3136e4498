package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"xiaozhi-switchboard/web/ui"
)

// apiPath is where the API is explained to people.
const apiPath = "/help/api"

// apiMethods are the methods of requests in the order in which they are told.
var apiMethods = []string{"get", "post", "put", "patch", "delete"}

// apiText is what a page tells of the description of the API.
type apiText struct {
	Tags  []struct{ Name, Description string }
	Paths map[string]map[string]struct {
		OperationID, Summary, Description string
		Tags                              []string
		Parameters                        []struct {
			Ref string `json:"$ref"`
		}
		RequestBody *struct {
			Content map[string]struct{ Example json.RawMessage }
		}
		Responses map[string]struct{ Description string }
	}
	Components struct{ Parameters map[string]apiParameter }
}

// apiParameter is one parameter of it.
type apiParameter struct {
	Name, Description string
	Schema            struct {
		Type, Format     string
		Enum             []string
		Minimum, Maximum *int
		MaxLength        int
	}
}

// bounds says what a parameter may be; empty when anything goes. It needs no language.
func (p apiParameter) bounds() string {
	s := p.Schema
	switch {
	case len(s.Enum) > 0:
		return strings.Join(s.Enum, ", ")
	case s.Minimum != nil && s.Maximum != nil:
		return strconv.Itoa(*s.Minimum) + "–" + strconv.Itoa(*s.Maximum)
	case s.Minimum != nil:
		return "≥ " + strconv.Itoa(*s.Minimum)
	case s.Format == "date-time":
		return "RFC 3339"
	}
	return ""
}

// apiDocument is the description of the API for people, made when somebody first looks.
var apiDocument = sync.OnceValues(func() (ui.API, error) {
	text, err := openapiDocument()
	if err != nil {
		return ui.API{}, err
	}
	var doc apiText
	if err := json.Unmarshal(text, &doc); err != nil {
		return ui.API{}, err
	}
	return doc.view(), nil
})

// view puts the requests of each tag together, in the order of their paths.
func (d apiText) view() ui.API {
	var v ui.API
	for _, tag := range d.Tags {
		part := ui.APIPart{ID: "area-" + strings.ToLower(tag.Name), Name: tag.Name, Text: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
			for _, method := range apiMethods {
				o, ok := d.Paths[path][method]
				if !ok || !slices.Contains(o.Tags, tag.Name) {
					continue
				}
				r := ui.APIRequest{ID: "api-" + o.OperationID, Method: strings.ToUpper(method), Path: path, Summary: o.Summary, Text: o.Description, Answer: o.Responses["200"].Description}
				for _, ref := range o.Parameters {
					p := d.Components.Parameters[strings.TrimPrefix(ref.Ref, "#/components/parameters/")]
					if p.Name != "lang" { // the page says that all take it
						r.Parameters = append(r.Parameters, ui.APIParameter{Name: p.Name, Text: p.Description, Bounds: p.bounds()})
					}
				}
				if o.RequestBody != nil {
					r.Example = string(o.RequestBody.Content["application/json"].Example)
				}
				part.Requests = append(part.Requests, r)
			}
		}
		v.Parts = append(v.Parts, part)
	}
	return v
}

// apiPage explains the API.
func (s *Server) apiPage(w http.ResponseWriter, r *http.Request) {
	doc, err := apiDocument()
	if err != nil { // the files are part of the program, and a test reads them
		s.failed(w, r, "explain the API", err)
		return
	}
	words := s.words(r)
	s.still(w, r, http.StatusOK, words.Say("apidoc.title")+" · "+words.Say("nav.help"), "help", ui.APIPage(doc, words.Say))
}
