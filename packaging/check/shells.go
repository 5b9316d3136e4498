package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// completion lies where each shell looks for it, below /usr/share.
var completion = map[string]string{
	"bash": "bash-completion/completions/" + program,
	"zsh":  "zsh/vendor-completions/_" + program,
	"fish": "fish/vendor_completions.d/" + program + ".fish",
}

// shells asks each shell on this machine whether it completes the installed program.
func shells() error {
	if err := need("bash", "zsh", "fish"); err != nil {
		return err
	}
	for _, c := range []struct{ shell, option, script, want string }{
		// What bash-completion does when it meets the command for the first time.
		{"bash", "--norc", "source " + filepath.Join("/usr/share", completion["bash"]) + `
			COMP_WORDS=(` + program + ` conf) COMP_CWORD=1; _xiaozhi_switchboard; printf '%s\n' "${COMPREPLY[@]}"`, "config"},
		{"zsh", "-f", "autoload -Uz compinit; compinit -D -u; print ${_comps[" + program + "]}", "_" + program},
		// Without its configuration it would look for no completion either.
		{"fish", "--private", "complete -C '" + program + " conf'", "config"},
	} {
		said, err := ask(c.shell, c.option, "-c", c.script)
		if err != nil {
			return err
		}
		if word, _, _ := strings.Cut(strings.TrimSpace(said), "\t"); word != c.want {
			return fmt.Errorf("%s does not complete the program: it says %q", c.shell, said)
		}
	}
	return nil
}
