/**
 * Splits a photo collection into overlapping chunks of bounded size. A chunk owns a view (each view
 * has one owner) or borrows it from a neighbour (halo), so that neighbouring chunks can be aligned.
 */
package dev.tessera.partition;
