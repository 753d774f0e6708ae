package packager

import (
	"context"
	"errors"
	"time"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/tag"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/index"
)

// blamePatience is how long an index is waited for that is asked for nothing but a better message.
const blamePatience = 10 * time.Second

// blamed completes the error of a package that has no wheel for the target: the newest other version that has one is named, if
// the network is allowed and the index answers. It is asked where nothing but the error is left to be shown.
func (r *resolver) blamed(ctx context.Context, d *dependency, err error) error {
	var none *closure.NoWheelError
	if !errors.As(err, &none) || d.Source.Kind != lockfile.Registry || r.Index.Offline {
		return err
	}
	version, askErr := r.versions.do(ctx, d.Name+" "+d.Source.URL+" "+d.Source.Index+" "+r.service.Options.Target.String(), func() (string, error) {
		ctx, cancel := context.WithTimeout(ctx, blamePatience)
		defer cancel()
		return r.newestFitting(ctx, d)
	})
	if askErr == nil {
		none.OtherVersion = version
	}
	return err
}

// unbuilt is the error of a build that failed; where only the lack of a wheel made it necessary, it says that, too.
func (r *resolver) unbuilt(ctx context.Context, d *dependency, err error) error {
	if err == nil || ctx.Err() != nil || d.build.noWheel == nil {
		return err
	}
	return errors.Join(err, r.blamed(ctx, d, d.build.noWheel))
}

// newestFitting gives the newest version of a package of which the index has a wheel for the target, empty where there is none. A
// version that is no release yet, or was withdrawn, is nobody's advice.
func (r *resolver) newestFitting(ctx context.Context, d *dependency) (string, error) {
	c, err := r.client(ctx)
	if err != nil {
		return "", err
	}
	q := r.request(d, closure.File{})
	links, err := c.Hasty().Links(ctx, index.Request{Package: q.Package, Index: q.Index})
	if err != nil {
		return "", err
	}
	python, err := pep440.Parse(r.service.Options.Target.Environment().PythonFullVersion)
	if err != nil {
		return "", err
	}
	var newest pep440.Version
	found := ""
	for _, l := range links {
		w, err := tag.ParseWheel(l.Name)
		if err != nil || l.Yanked || w.Version.IsPrerelease() || found != "" && w.Version.Compare(newest) <= 0 {
			continue
		}
		allowed, err := pep440.ParseSet(l.RequiresPython)
		if _, fits := r.ranking.Rank(w); fits && err == nil && allowed.Contains(python) {
			newest, found = w.Version, w.Version.String()
		}
	}
	return found, nil
}
