package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// page is a kind of page that follows the truth while it is open. A new one is a
// variable of this type in a file of its own and one line in Server.livePages.
type page struct {
	// name is how streams call the page.
	name string
	// pattern is its route, of http.ServeMux, without the method.
	pattern string
	// section is the entry of the side bar that is current; empty means name. Its word is
	// nav.NAME, and it leads to the first page of the section.
	section string
	// args are the names of the query parameters and path values that it depends on.
	args []string
	// draws is a page with charts, which need a script and a style sheet of their own.
	draws bool
	// calm is a page that is good for a while: a browser without scripts need not load it anew.
	calm bool
	// serve answers in place of what paint says is the content; nil leaves it to that.
	serve func(*Server, http.ResponseWriter, *http.Request)
	// paint says what the page shows at a moment. It decides nothing that outlives the
	// call, and is only called while somebody looks. False means that there is no such
	// page, or no more.
	paint func(p painter, s snapshot, args url.Values) (screen, bool)
}

// sectionOf is the entry of the side bar that is current on the page.
func (p page) sectionOf() string {
	if p.section != "" {
		return p.section
	}
	return p.name
}

// screen is what a page shows at one moment.
type screen struct {
	title   string // in the language of the page
	content templ.Component
	pieces  []piece
}

// add says that the element with this id, which content renders by c, is replaced
// when its bytes change.
func (s *screen) add(id string, c templ.Component) {
	s.pieces = append(s.pieces, piece{id: id, body: c})
}

// list adds a container that is replaced as a whole only when it holds other
// children than before. What follows by child is part of it.
func (s *screen) list(id string, children []string, whole templ.Component) {
	s.pieces = append(s.pieces, piece{id: id, whole: whole, mark: strings.Join(children, "\n")})
}

// child adds an element of a container.
func (s *screen) child(in, id string, c templ.Component) {
	s.pieces = append(s.pieces, piece{id: id, in: in, body: c})
}

// view is one page in one language, with what it depends on.
type view struct {
	lang, page, args string
}

// maxArg bounds what an address can make us remember of a parameter.
const maxArg = 512

// keep reduces values to those that the page depends on.
func (p page) keep(has url.Values) url.Values {
	kept := url.Values{}
	for _, name := range p.args {
		if v := has.Get(name); v != "" && len(v) <= maxArg {
			kept.Set(name, v)
		}
	}
	return kept
}

// argsOf reads what the page depends on from a request for it.
func (p page) argsOf(r *http.Request) url.Values {
	has := r.URL.Query()
	for _, name := range p.args {
		if v := r.PathValue(name); v != "" {
			has.Set(name, v)
		}
	}
	return p.keep(has)
}

// address is where the page with these args is.
func (p page) address(args url.Values) string {
	path, query := strings.TrimSuffix(p.pattern, "{$}"), url.Values{}
	for name, v := range args {
		if hole := "{" + name + "}"; strings.Contains(path, hole) {
			path = strings.Replace(path, hole, url.PathEscape(v[0]), 1)
		} else {
			query.Set(name, v[0])
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// viewKey is where a request for a view leaves it.
type viewKey struct{}

// viewAt returns the view that an address of our own shows, and whether it does.
func (s *Server) viewAt(address, lang string) (view, bool) {
	if !local(address) {
		return view{}, false
	}
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return view{}, false
	}
	var found view
	s.views.ServeHTTP(&headersOnly{}, r.WithContext(context.WithValue(context.Background(), viewKey{}, &found)))
	found.lang = lang
	return found, found.page != ""
}

// local reports whether an address is a path of ours, so that it may be gone to.
func local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(address, "/") &&
		!strings.HasPrefix(address, "//") && !strings.ContainsAny(address, "\\\r\n\t")
}

// newViews returns what finds the view of an address.
func newViews(pages []page) *http.ServeMux {
	mux := http.NewServeMux()
	for _, p := range pages {
		if p.pattern == "" {
			continue
		}
		mux.HandleFunc("GET "+p.pattern, func(_ http.ResponseWriter, r *http.Request) {
			if found, ok := r.Context().Value(viewKey{}).(*view); ok {
				*found = view{page: p.name, args: p.argsOf(r).Encode()}
			}
		})
	}
	return mux
}
