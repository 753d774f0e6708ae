package python

import "github.com/monoplan/monoplan/internal/python/syntax"

// SyntaxError says where a file is not what its format asks for.
type SyntaxError = syntax.Error
