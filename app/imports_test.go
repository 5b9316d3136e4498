package app

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "xiaozhi-switchboard"

// leaves are the packages of core that the others may share.
var leaves = []string{"core/rpc", "core/retry", "core/balance", "core/secret", "core/nudge", "core/tally", "core/session"}

// allowed says what a package may import of this module. Packages of core may
// import the leaves and nothing else, and a leaf only those before it in the list.
var allowed = map[string][]string{
	"":              {"app", "app/desktop"},
	"app":           {"app/tray", "app/desktop", "app/rehearsal", "web", "assets", "core/"},
	"app/tray":      {},
	"app/desktop":   {},
	"app/rehearsal": {"core/"},
	"web":           {"web/ui", "assets", "core/"},
	"web/ui":        {},
	"assets":        {},
	// The manual page is made of the grammar.
	"packaging/build": {"app"},
}

// owners of libraries that one package alone may import.
var owners = map[string]string{
	"fyne.io/systray":               "app/tray",
	"github.com/shirou/gopsutil/v3": "core/vitals",
	"github.com/fsnotify/fsnotify":  "core/config",
	"github.com/prometheus/":        "web",
	"go.etcd.io/bbolt":              "core/history",
}

func TestImportArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, imported := range p.Imports {
			if to, ours := strings.CutPrefix(imported, module+"/"); ours && !mayImport(from, to) {
				t.Errorf("%s imports %s, which the layout does not allow", from, to)
			}
			for library, owner := range owners {
				if strings.HasPrefix(imported, library) && from != owner {
					t.Errorf("%s imports %s, which only %s may", from, imported, owner)
				}
			}
			if from == "web/ui" && strings.Contains(imported, ".") && !strings.HasPrefix(imported, "github.com/a-h/templ") {
				t.Errorf("web/ui imports %s: it may use templ and the standard library only", imported)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages were seen", seen)
	}
}

func mayImport(from, to string) bool {
	if strings.HasPrefix(from, "core/") {
		place := slices.Index(leaves, from)
		return slices.Contains(leaves, to) && (place < 0 || slices.Index(leaves, to) < place)
	}
	rules, known := allowed[from]
	if !known {
		return false
	}
	for _, rule := range rules {
		if to == rule || strings.HasSuffix(rule, "/") && strings.HasPrefix(to, rule) {
			return true
		}
	}
	return false
}
