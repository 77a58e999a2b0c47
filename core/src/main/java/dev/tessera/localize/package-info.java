/**
 * Where photos were taken that are not in a map: which chunks to ask, and which of their answers to
 * believe. The asking itself is the engine's.
 */
package dev.tessera.localize;
