package dev.tessera.jobs.cli;

import dev.tessera.jobs.Settings;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that all stages share. */
final class RunOptions {
  @Option(
      names = "--workspace",
      required = true,
      paramLabel = "URI",
      description = "Folder for everything this run makes; any Hadoop URI.")
  String workspace;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "What reconstructs a chunk: sfm (default; needs no weights), vggt or vgg-t3 (--weights).")
  private String engine;

  @Option(
      names = "--weights",
      paramLabel = "FILE|DIR",
      description =
          "Checkpoint of a neural engine: safetensors, one file or shards and their index.")
  private String weights;

  @Mixin private SettingsOptions named;

  @Option(
      names = "--max-views-per-chunk",
      paramLabel = "N",
      description = "The most views a chunk may have, halo included.")
  private Integer maxViewsPerChunk;

  @Option(
      names = "--halo",
      paramLabel = "SHARE",
      description =
          "Share of a chunk that is borrowed from its neighbours, 0 to 0.5; with 0 chunks have no"
              + " photo in common, and what they remember joins them.")
  private Double halo;

  @Mixin MasterOption master;

  @Option(names = "--force", description = "Compute again what is already there.")
  boolean force;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CHUNK",
      description =
          "Reconstruct only these chunks (and their halves); the others come from the store if"
              + " they can.")
  Set<Integer> onlyChunks = new LinkedHashSet<>();

  @Option(
      names = "--run-name",
      paramLabel = "NAME",
      description = "Name that a scheduler has for the run that this is a part of.")
  String runName;

  Settings settings() {
    Settings settings = named.on(Settings.defaults());
    if (engine != null) {
      settings = settings.withOverride("run.engine=" + engine);
    }
    settings = SettingsOptions.withWeights(settings, weights);
    if (maxViewsPerChunk != null) {
      settings = settings.withOverride("partition.max-views-per-chunk=" + maxViewsPerChunk);
    }
    if (halo != null) {
      settings = settings.withOverride("partition.halo-share=" + halo);
      settings = halo == 0 ? settings.withOverride("partition.min-shared-views=0") : settings;
    }
    return settings;
  }
}
