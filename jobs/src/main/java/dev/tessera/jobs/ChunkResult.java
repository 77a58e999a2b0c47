package dev.tessera.jobs;

import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.reconstruct.SharedCalibration.Estimate;
import java.io.Serializable;
import java.util.List;

/**
 * What became of a chunk, and what it says about the lenses.
 *
 * @param lenses one estimate for each lens in the scene; empty without a scene
 */
record ChunkResult(Outcome outcome, List<Estimate> lenses) implements Serializable {}
