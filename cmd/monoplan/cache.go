package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/packager/store"
)

const cacheLong = `
Look after the store of wheels, which is in the user's cache directory (MONOPLAN_CACHE_DIR names another) and has at
most 10 GB (MONOPLAN_CACHE_LIMIT). All that is in it can be fetched or built again.`

func newCache(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look after the store of wheels",
		Long:  withExitCodes(cacheLong),
		Args:  noUnknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCacheInfo(a), newCachePrune(a), newCacheVerify(a))
	return cmd
}

func newCacheInfo(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Tell where the store is and how much is in it",
		Long:  withExitCodes("Tell where the store is, how much is in it, and how large it may get."),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(func(s *store.Store) error {
				info, err := s.Info(cmd.Context())
				if err != nil {
					return err
				}
				return a.printInfo(info, format)
			})
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

// withStore opens the user's store; the one that machines share looks after itself.
func (a *app) withStore(use func(*store.Store) error) error {
	config, err := a.storeConfig()
	if err != nil {
		return err
	}
	s, err := store.Open(config)
	if err != nil {
		return err
	}
	err = use(s)
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (a *app) printInfo(info store.Info, format string) error {
	if format == "json" {
		return a.printObject(struct {
			Dir      string     `json:"dir"`
			Limit    int64      `json:"limit"`
			ReadOnly bool       `json:"read_only"`
			Files    int        `json:"files"`
			Bytes    int64      `json:"bytes"`
			Results  int        `json:"results"`
			Partial  int64      `json:"partial"`
			Oldest   *time.Time `json:"oldest"`
		}{info.Dir, info.Limit, info.ReadOnly, info.Files, info.Bytes, info.Results, info.Partial, timeOrNil(info.Oldest)})
	}
	fmt.Fprintf(a.out, "%s\n%d files, %s of %s; %d results\n", info.Dir, info.Files, formatBytes(info.Bytes), limitText(info.Limit), info.Results)
	if info.Partial > 0 {
		fmt.Fprintf(a.out, "%s of files that are not whole\n", formatBytes(info.Partial))
	}
	if !info.Oldest.IsZero() {
		fmt.Fprintf(a.out, "used last: the oldest on %s\n", info.Oldest.UTC().Format(time.DateOnly))
	}
	if info.ReadOnly {
		fmt.Fprintln(a.out, "it cannot be written: what is new is kept for the run that fetched it")
	}
	return nil
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func limitText(limit int64) string {
	if limit == 0 {
		return "any size"
	}
	return formatBytes(limit)
}

func (a *app) printObject(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func newCachePrune(a *app) *cobra.Command {
	var to, format string
	cmd := &cobra.Command{
		Use:     "prune",
		Short:   "Remove what was used longest ago",
		Long:    withExitCodes("Remove what was used longest ago, all of it or until the store has no more than --to, and what killed runs have left. What a run uses right now stays."),
		Example: "  monoplan cache prune --to 2GB",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limit, err := parseBytes(to)
			if err != nil {
				return usage("for example --to 2GB", "--to: %s", err)
			}
			return a.withStore(func(s *store.Store) error {
				pruned, err := s.Prune(cmd.Context(), limit)
				if err != nil {
					return err
				}
				return a.printPruned(pruned, format)
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "0", "keep what was used last, up to `size`, such as 500MB or 2GB")
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func (a *app) printPruned(p store.Pruned, format string) error {
	if format == "json" {
		return a.printObject(struct {
			Files int   `json:"files"`
			Bytes int64 `json:"bytes"`
			Kept  int64 `json:"kept"`
			InUse int64 `json:"in_use"`
		}{p.Files, p.Bytes, p.Kept, p.InUse})
	}
	fmt.Fprintf(a.out, "removed %d files, %s; kept %s\n", p.Files, formatBytes(p.Bytes), formatBytes(p.Kept))
	if p.InUse > 0 {
		fmt.Fprintf(a.out, "%s more are in use\n", formatBytes(p.InUse))
	}
	return nil
}

func newCacheVerify(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare every file of the store with its hash",
		Long:  withExitCodes("Compare every file of the store with its hash, and remove those that are damaged; it then fails."),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(func(s *store.Store) error {
				v, err := s.Verify(cmd.Context())
				if err != nil {
					return err
				}
				return a.printVerified(v, format)
			})
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func (a *app) printVerified(v store.Verified, format string) error {
	if format == "json" {
		err := a.printObject(struct {
			Files   int      `json:"files"`
			Bytes   int64    `json:"bytes"`
			Damaged []string `json:"damaged"`
		}{v.Files, v.Bytes, append([]string{}, v.Damaged...)})
		if err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.out, "%d files, %s: %d damaged\n", v.Files, formatBytes(v.Bytes), len(v.Damaged))
		for _, sum := range v.Damaged {
			fmt.Fprintf(a.out, "%s was removed\n", sum)
		}
	}
	if len(v.Damaged) > 0 {
		return fmt.Errorf("the store had damaged files, which were removed: %d", len(v.Damaged))
	}
	return nil
}
