package web

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryComponentIsGolden holds the components of web/ui against the golden files: all
// that a component writes by itself must be in one of them, in each of its branches.
func TestEveryComponentIsGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	var all strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(strings.ReplaceAll(string(text), ">\n<", "><"))
	}
	golden := all.String()

	sources, err := filepath.Glob("ui/*_templ.go")
	if err != nil {
		t.Fatal(err)
	}
	components := 0
	for _, name := range sources {
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !isComponent(f) {
				continue
			}
			components++
			for _, text := range written(f) {
				if !strings.Contains(golden, text) {
					t.Errorf("%s of %s writes what no golden file has (TestGolden should render it): %s", f.Name.Name, name, text)
				}
			}
		}
	}
	if components < 50 {
		t.Errorf("only %d components were found", components)
	}
}

// isComponent reports whether a function returns a templ.Component.
func isComponent(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	result, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && result.Sel.Name == "Component"
}

// written are the texts that generated code writes as they stand in the source.
func written(f *ast.FuncDecl) []string {
	var texts []string
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.SelectorExpr); !ok || name.Sel.Name != "WriteString" {
			return true
		}
		for _, arg := range call.Args {
			if literal, ok := arg.(*ast.BasicLit); ok && literal.Kind == gotoken.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil && strings.TrimSpace(text) != "" {
					texts = append(texts, text)
				}
			}
		}
		return true
	})
	return texts
}
