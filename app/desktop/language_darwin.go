package desktop

import (
	"context"
	"os/exec"
	"time"
)

// askLanguages is how long the program that knows the languages may take.
const askLanguages = time.Second

// languages are those of System Settings. What is not started by a shell has no other
// sign of them.
func languages() []string {
	ctx, cancel := context.WithTimeout(context.Background(), askLanguages)
	defer cancel()
	printed, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleLanguages").Output()
	if err != nil {
		return nil
	}
	return appleLanguages(string(printed))
}
