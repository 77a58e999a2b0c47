package dev.tessera.jobs.cli;

import dev.tessera.jobs.BenchProbe;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.UsageException;
import dev.tessera.localize.PlaceIndex;
import dev.tessera.partition.ChunkId;
import dev.tessera.synthetic.SyntheticMemories;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Searches made-up memories for photos without GPS. */
@Command(
    name = "places",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Searches made-up memories for photos without GPS, by the index and by comparing all.",
      "",
      "A photo has 4000 keys, of which 120 are of landmarks of one chunk. Comparing all takes long:",
      "it is asked a part of the photo's keys, and both are stated by key."
    })
public final class PlacesBenchCommand implements Callable<Integer> {
  private static final int KEYS_OF_PHOTO = 4000;
  private static final int KNOWN = 120;
  private static final double MILLIS = 1e-6;

  @Option(names = "--chunks", paramLabel = "N", description = "Chunks (default: ${DEFAULT-VALUE}).")
  private int chunks = 10_000;

  @Option(
      names = "--landmarks",
      paramLabel = "N",
      description = "Landmarks of a chunk (default: ${DEFAULT-VALUE}).")
  private int landmarks = 4096;

  @Option(
      names = "--index-bytes",
      paramLabel = "N",
      description = "Bound on the index, as localize.index-bytes (default: ${DEFAULT-VALUE}).")
  private long indexBytes = 1_000_000_000;

  @Option(names = "--photos", paramLabel = "N", description = "Photos (default: ${DEFAULT-VALUE}).")
  private int photos = 5;

  @Option(
      names = "--compared-keys",
      paramLabel = "N",
      description = "Keys of a photo that are compared with all (default: ${DEFAULT-VALUE}).")
  private int comparedKeys = 40;

  @Option(names = "--seed", paramLabel = "N", description = "Which chunks (default: 1).")
  private long seed = 1;

  @Mixin private BenchReport report;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (photos < 1 || comparedKeys < 1 || comparedKeys > KNOWN) {
      throw new UsageException(
          "Cannot compare %d keys of %d photos: 1 to %d of 1 or more"
              .formatted(comparedKeys, photos, KNOWN));
    }
    report.print(fields(memories()), spec.commandLine().getOut());
    return ExitCodes.OK;
  }

  /** Of each chunk what the index takes. */
  private SyntheticMemories memories() {
    try {
      int most = PlaceIndex.landmarksPerChunk(Math.max(1, chunks), indexBytes);
      return new SyntheticMemories(chunks, Math.min(landmarks, most), seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private Map<String, Object> fields(SyntheticMemories memories) throws IOException {
    Map<ChunkId, byte[]> keys = memories.keysOfChunks();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("landmarks_per_chunk", memories.landmarks());
    long start = System.nanoTime();
    PlaceIndex index = PlaceIndex.of(keys, indexBytes);
    fields.put("index_s", rounded((System.nanoTime() - start) * MILLIS / 1000));
    search(fields, "search", index, memories, KNOWN, KEYS_OF_PHOTO - KNOWN);
    search(fields, "search_few_keys", index, memories, comparedKeys, 0);
    PlaceIndex all = PlaceIndex.exhaustive(keys, indexBytes);
    search(fields, "compare_all_few_keys", all, memories, comparedKeys, 0);
    fields.put("peak_mb", Math.round(BenchProbe.peakResidentMebibytes()));
    return fields;
  }

  /** The slowest photo, and for how many the chunk that they show came first. */
  private void search(
      Map<String, Object> fields,
      String name,
      PlaceIndex index,
      SyntheticMemories memories,
      int known,
      int others) {
    double[] millis = new double[photos];
    int found = 0;
    for (int i = 0; i < photos; i++) {
      int shown = (int) ((long) i * chunks / photos);
      byte[] photo = memories.photo(shown, Math.min(known, memories.landmarks()), others);
      long start = System.nanoTime();
      ChunkId first = index.search(photo, 1).get(0).chunk();
      millis[i] = (System.nanoTime() - start) * MILLIS;
      found += first.value() == shown ? 1 : 0;
    }
    fields.put(name + "_ms_max", rounded(Arrays.stream(millis).max().orElseThrow()));
    fields.put(name + "_found", found + " of " + photos);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
