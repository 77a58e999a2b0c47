/**
 * Splits a photo collection into overlapping chunks of bounded size. A chunk owns a view (each view
 * has one owner) or borrows it from a neighbour (halo), so that neighbouring chunks can be aligned.
 *
 * <p>Views are counted in cells ({@link dev.tessera.partition.SiteHistogram}) and, where those are
 * crowded, in blocks of the sequence ({@link dev.tessera.partition.SequenceHistogram}); a {@link
 * dev.tessera.partition.ChunkPlan} is made of the counts alone; owners and halos are then looked up
 * per view. Each step is mergeable, {@link dev.tessera.partition.ChunkPlanner} runs them in memory.
 */
package dev.tessera.partition;
