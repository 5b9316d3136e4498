package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// Click clicks what a selector finds as a mouse does, once it is there and has stopped
// moving: a mouse presses at a place, and pages that change live move things.
func Click(ctx context.Context, selector string) error {
	name, err := json.Marshal(selector)
	if err != nil {
		return err
	}
	where := fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		if (!e) return "";
		e.scrollIntoView({block: "nearest", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return [r.x, r.y, r.width, r.height].join(" ");
	})()`, name)
	for last := ""; ; {
		// An error is a page that was left while it was looked at: the next one may do.
		place, err := chromedp.Run(ctx, chromedp.Evaluate[string](where))
		if err == nil && place != "" && place == last {
			return chromedp.Do(ctx, chromedp.Click(selector))
		}
		last = place
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not there, or never rests: %q: %w", place, ctx.Err())
		case <-time.After(30 * time.Millisecond):
		}
	}
}
