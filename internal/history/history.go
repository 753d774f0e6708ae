// Package history reads a repository's history, and the plans expected of it, from one text file, and makes that
// repository with real git.
//
// A planner is judged by what it says about pairs of commits, and a pair of commits is hard to read in a test made of
// calls. Here a test is a page: what each commit does to the tree, and below it the decisions that the rules ask for.
// The same values can be made by a program, which is how random histories are made, built and printed.
//
// The file is a txtar archive (golang.org/x/tools/txtar). Its comment says what it shows. Its sections are, in order:
//
//	-- commit NAME --                 a commit on top of the one before; the first has no parent
//	-- commit NAME from A --          a commit on top of A
//	-- commit NAME from A,B --        a merge; its tree begins as A's
//	-- commit NAME orphan --          a commit without a parent; its tree begins empty
//	-- worktree --                    what the working tree has beyond the last commit, uncommitted
//	-- PATH --                        a file of the commit (or of the working tree) above, whole
//	-- plan BASE..HEAD FLAGS --       the plan expected between two revisions, see below
//
// The body of a commit or of worktree has a change a line, made in order and before the files that follow it:
//
//	delete PATH            a file, or a directory with all that is in it
//	move FROM TO           the same
//	symlink PATH TARGET
//	submodule PATH DIGITS  the submodule's commit; the digits are repeated to the length of a sha
//	exec PATH              sets the executable bit
//	noexec PATH            clears it
//	clear                  the empty tree
//	branch NAME            a branch that ends here
//	tag NAME               an annotated tag
//
// Each commit is also a lightweight tag of its NAME. HEAD is the branch main, which ends at the last commit. Paths in
// headers and bodies may hold %XX for any byte, and must for a blank in a body, for a line feed, and for a percent sign.
//
// The body of a plan has a line for each service, in any order, and more lines for what else the command says:
//
//	deploy PATH RULE FILE xN via A > B
//	    RULE FILE              one more reason of the same service
//	skip PATH                  for the reason unchanged
//	skip PATH not-in-commit
//	remove PATH                for the reason not-in-commit
//	warning TEXT               one warning that holds TEXT is on stderr
//	error TEXT                 there is no plan, but an error that holds TEXT; usage TEXT is the same for wrong usage
//
// "xN" says how many files there are where it is not one. "as NAME" and "type TYPE" after the path, in this order, say
// more of a service. Lines that begin with # are comments. The plan's HEAD is given as --head, but for the word
// worktree, which stands for --worktree. FLAGS are given as they are.
package history

// History is a repository's commits, its working tree and the plans expected of it.
type History struct {
	// Comment says what the history shows.
	Comment string
	Commits []Commit
	// Worktree is what the working tree has beyond the last commit; nil leaves the repository without a checkout.
	Worktree []Op
	Plans    []Plan
}

// Commit is one commit: what it does to its first parent's tree.
type Commit struct {
	Name string
	// Parents are names of commits before this one.
	Parents  []string
	Ops      []Op
	Branches []string
	Tags     []string // annotated ones
}

// Op is one change of a tree.
type Op struct {
	Verb string // put, or one of the words of a commit's body
	Path string
	// Arg is the content of a put, the new path of a move, a link's target, a submodule's commit.
	Arg string
}

// File is one entry of a tree.
type File struct {
	Mode string // as git prints it: 100644, 100755, 120000, 160000
	// Content is a file's bytes, a link's target or a submodule's commit.
	Content string
}

// Tree is all that a commit holds, by path.
type Tree map[string]File

// Plan is what a plan between two revisions must be.
type Plan struct {
	Base, Head string
	Flags      []string
	Decisions  []Decision
	Warnings   []string
	// Errors are parts of the message where there must be no plan; Usage says that it is one of wrong usage.
	Errors []string
	Usage  bool
}

// Decision is what a plan says about one service. Name and Type are empty where the history does not say.
type Decision struct {
	Action  string
	Path    string
	Name    string
	Type    string
	Reasons []Reason
}

// Reason is one reason of a decision.
type Reason struct {
	Rule  string
	File  string
	Files int
	Via   []string
}
