package app

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/assets"
)

// helpPage prints the help of the selected command, or of the program, in a language.
func helpPage(words *assets.Translator) kong.HelpPrinter {
	return func(_ kong.HelpOptions, ctx *kong.Context) error {
		var b strings.Builder
		table := tabwriter.NewWriter(&b, 0, 0, 4, ' ', 0)
		node := ctx.Selected()
		if node == nil {
			node = ctx.Model.Node
		}
		usage := strings.TrimSpace(ctx.Model.Name + " " + strings.TrimSpace(node.Path()))
		if node.Type == kong.ApplicationNode {
			usage = ctx.Model.Name
		}
		commands := node.Leaves(true)
		if len(commands) > 0 {
			choice := "<" + words.Say("help.page.command") + ">"
			if node.DefaultCmd != nil {
				choice = "[" + words.Say("help.page.command") + "]"
			}
			usage += " " + choice
		}
		for _, arg := range node.Positional {
			usage += " " + arg.Summary()
		}
		fmt.Fprintf(table, "%s\n\n%s\n", words.Say("help.page.usage", "line", usage+" "+words.Say("help.page.option")), node.Help)
		if len(node.Positional) > 0 {
			fmt.Fprintf(table, "\n%s\n", words.Say("help.page.arguments"))
			for _, arg := range node.Positional {
				fmt.Fprintf(table, "  %s\t%s\n", arg.Summary(), arg.Help)
			}
		}
		if len(commands) > 0 {
			fmt.Fprintf(table, "\n%s\n", words.Say("help.page.commands"))
			for _, c := range commands {
				fmt.Fprintf(table, "  %s\t%s\n", c.Path(), c.Help)
			}
		}
		fmt.Fprintf(table, "\n%s\n", words.Say("help.page.options"))
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				help := f.Help
				if f == ctx.Model.HelpFlag {
					help = words.Say("help.page.help")
				}
				fmt.Fprintf(table, "  %s\t%s\n", flagLabel(f), help)
			}
		}
		if node.DefaultCmd != nil {
			fmt.Fprintf(table, "\n%s\n", words.Say("help.page.more", "name", ctx.Model.Name))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		_, err := fmt.Fprint(ctx.Stdout, b.String())
		return err
	}
}

func flagLabel(f *kong.Flag) string {
	label := "    --" + f.Name
	if f.Short != 0 {
		label = "-" + string(f.Short) + ", --" + f.Name
	}
	if f.IsBool() {
		return label
	}
	return label + "=" + f.FormatPlaceHolder()
}
