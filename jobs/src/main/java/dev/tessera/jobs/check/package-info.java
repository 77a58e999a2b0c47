/**
 * The rules that a map keeps, and the check that it does: what docs/format.md promises to readers,
 * looked at in the files themselves.
 */
package dev.tessera.jobs.check;
