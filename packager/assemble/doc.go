// Package assemble makes AWS Lambda's zip archives from wheels and a service's code.
//
// What takes time in making such an archive is to compress, and wheels are compressed already. So a wheel's files are
// copied as they stand in the wheel, and only what is new is compressed: the code, and the few files that an installation
// makes or changes. A change of the code then costs a copy of the rest.
//
// The archive has what pip's --target would have put into a directory, so that a Python of the target imports the same
// from it; without the record of that installation. Its bytes depend on the wheels, the code and the options alone. That
// is what makes an artifact's hash worth comparing: the same inputs give the same hash on every machine, and a deploying
// tool sees that there is nothing to do.
//
// One [Write] makes one archive. A bundle has code and wheels in one; a layer has wheels alone, below python/, where
// Lambda's Pythons look for layers, and its service an archive of code alone. A service without dependencies is code
// alone, too, in whatever language it is.
//
// Every byte has an owner, the code or a wheel. Two owners of one path are a [*ConflictError], and an artifact that is
// too large for Lambda a [*LimitError] that says what is large and who asked for it.
//
// Formats: AWS Lambda's deployment packages and layers ("Lambda quotas", "Packaging your layer content"), CycloneDX 1.6,
// PEP 552 (deterministic pycs), and docs/manifest.schema.json.
package assemble
