// Package assets holds everything the program shows that is not code: scripts,
// styles, icons and the words of its languages, all embedded.
//
// Files are served under addresses that contain a hash of their content, so a
// browser may keep them for ever and never sees a stale one. What others wrote
// lies in vendored, unchanged, with its origin, licence and hash in
// vendored/list.json.
//
// The package knows nothing of HTTP. All functions are safe for concurrent use.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed static vendored/*.js vendored/*.css
var files embed.FS

// Prefix is the path under which the files are meant to be served.
const Prefix = "/assets/"

// File is one embedded file.
type File struct {
	// Name is the plain file name, such as "app.css".
	Name string
	// Path is where the file is served: Prefix, and the name with its hash.
	Path string
	// Type is the MIME type.
	Type string
	// Body is the content, and Gzip the same compressed. Neither may be changed.
	Body, Gzip []byte
}

// PageScript is the name of the one script that every page has, and ChartScript that of the
// one that pages with charts have beside it: each is everything in bundles. PageScript is
// one file because htmx starts as soon as the browser is idle, and does not see extensions
// whose files arrive later.
const (
	PageScript  = "page.js"
	ChartScript = "chart.js"
)

var bundles = map[string][]string{
	PageScript:  {"vendored/htmx.min.js", "vendored/hx-sse.min.js", "static/app.js", "static/log.js"},
	ChartScript: {"vendored/uplot.min.js", "static/plot.js"},
}

// shelf is all files, by name and by path, with one hash over them.
type shelf struct {
	byName, byPath map[string]*File
	digest         string
}

var load = sync.OnceValue(func() *shelf {
	s := &shelf{byName: map[string]*File{}, byPath: map[string]*File{}}
	all := sha256.New()
	add := func(name string, body []byte) error {
		f := newFile(path.Base(name), body)
		if s.byName[f.Name] != nil {
			return fmt.Errorf("two files are named %s", f.Name)
		}
		s.byName[f.Name], s.byPath[f.Path] = f, f
		fmt.Fprintln(all, f.Path)
		return nil
	}
	var bundled []string
	err := func() error {
		for _, bundle := range slices.Sorted(maps.Keys(bundles)) {
			var script []byte
			for _, name := range bundles[bundle] {
				body, err := files.ReadFile(name)
				if err != nil {
					return err
				}
				script = append(append(script, body...), ";\n"...)
				bundled = append(bundled, name)
			}
			if err := add(bundle, script); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		panic("assets: " + err.Error()) // the embedded files are part of the program
	}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(bundled, name) {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		return add(name, body)
	})
	if err != nil {
		panic("assets: " + err.Error())
	}
	s.digest = hex.EncodeToString(all.Sum(nil)[:6])
	return s
})

func newFile(name string, body []byte) *File {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is valid
	w.Write(body)                                              // a buffer takes everything
	w.Close()
	return &File{
		Name: name,
		Path: Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		Type: typeOf(ext),
		Body: body,
		Gzip: packed.Bytes(),
	}
}

// typeOf does not trust the machine's table for the types that we have: a wrong
// entry in it stops scripts and styles from loading.
func typeOf(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}

// Find returns the file that is served at a path.
func Find(path string) (*File, bool) {
	f, ok := load().byPath[path]
	return f, ok
}

// Path returns where the file with this name is served. A name that does not
// exist is a mistake of the programmer and panics.
func Path(name string) string {
	f := load().byName[name]
	if f == nil {
		panic("assets: no file " + name)
	}
	return f.Path
}

// Digest changes whenever any file does. A page that was made with another
// digest should be loaded anew.
func Digest() string { return load().digest }
