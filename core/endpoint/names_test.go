package endpoint_test

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/endpoint"
)

// theirNames are the methods that the documentation of xiaozhi-client 1.6.1 shows its users,
// and those beside them that its manager has.
var theirNames = []string{
	"new XiaozhiConnectionManager", "XiaozhiConnectionManagerSingleton.getInstance", "WebServer.getXiaozhiConnectionStatus",
	"initialize", "connect", "disconnect", "cleanup", "setServiceManager",
	"addEndpoint", "removeEndpoint", "updateEndpoints", "updateOptions", "reloadConfig", "getCurrentConfig",
	"setHealthCheckEnabled", "triggerHealthCheck", "getHealthCheckStats",
	"triggerReconnect", "stopReconnect", "stopAllReconnects", "getReconnectStats",
	"selectBestConnection", "setLoadBalanceStrategy", "getLoadBalanceStats", "performFailover", "getHealthyConnections", "isAnyConnected",
	"prewarmConnections", "getPerformanceMetrics", "optimizeMemoryUsage", "getConnectionStatus",
}

var (
	columns   = regexp.MustCompile(`^(\S.*?) {3,}(\S.*)$`)
	argument  = regexp.MustCompile(`\([^)]*\)`)
	ourMethod = regexp.MustCompile(`^[A-Z][A-Za-z]*$`)
)

// TestNames holds the tables of the package documentation against the code: whatever they
// name exists, nothing of theirs is forgotten, and every method of a Manager is explained.
func TestNames(t *testing.T) {
	theirs, alone := nameTables(t)
	if len(theirs) == 0 || len(alone) == 0 {
		t.Fatal("the package documentation has no tables of names")
	}
	manager := reflect.TypeFor[*endpoint.Manager]()
	named := map[string]bool{}
	check := func(name string) {
		named[name] = true
		if _, exists := manager.MethodByName(name); !exists && name != "NewManager" {
			t.Errorf("the documentation names %s, which a Manager does not have", name)
		}
	}

	var explained []string
	for _, row := range theirs {
		for name := range strings.SplitSeq(argument.ReplaceAllString(row[0], ""), ", ") {
			explained = append(explained, name)
		}
		for name := range strings.SplitSeq(row[1], ", ") {
			switch {
			case ourMethod.MatchString(name):
				check(name)
			case name != "GET /api/v1/connections": // which package web holds against its routes
				t.Errorf("%s has the counterpart %q, which is no name", row[0], name)
			}
		}
	}
	for _, name := range theirNames {
		if !slices.Contains(explained, name) {
			t.Errorf("%s of xiaozhi-client has no counterpart in the documentation", name)
		}
	}
	for _, row := range alone {
		for name := range strings.SplitSeq(row[0], ", ") {
			if named[name] {
				t.Errorf("%s has a counterpart and has none", name)
			}
			check(name)
		}
	}
	for m := range manager.Methods() {
		if !named[m.Name] {
			t.Errorf("%s is in neither table of the documentation", m.Name)
		}
	}
}

// nameTables returns the rows of the two tables under the heading of the package
// documentation: theirs and ours, and ours alone.
func nameTables(t *testing.T) (theirs, alone [][2]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	under := false
	var tables [][][2]string
	for _, block := range new(comment.Parser).Parse(docOf(file)).Content {
		switch b := block.(type) {
		case *comment.Heading:
			under = len(b.Text) == 1 && b.Text[0] == comment.Plain("Names of xiaozhi-client")
		case *comment.Code:
			if !under {
				continue
			}
			var rows [][2]string
			for line := range strings.Lines(b.Text) {
				cells := columns.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
				if cells == nil {
					t.Fatalf("%q has not two columns", line)
				}
				rows = append(rows, [2]string{cells[1], cells[2]})
			}
			tables = append(tables, rows)
		}
	}
	if len(tables) != 2 {
		t.Fatalf("%d tables of names, want 2", len(tables))
	}
	return tables[0], tables[1]
}

func docOf(file *ast.File) string {
	if file.Doc == nil {
		return ""
	}
	return file.Doc.Text()
}
