// Package view is what readers see: a decision, and the gates and limits of a
// licence, worked out once so that asking costs two looks.
//
// A [View] never changes. [Judge] makes one of what is known, [View.Again] the
// same for a later time. The package is pure: the time is an argument, and it
// knows nothing of who keeps views or hands them out.
package view
