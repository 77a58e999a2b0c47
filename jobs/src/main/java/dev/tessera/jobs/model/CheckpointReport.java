package dev.tessera.jobs.model;

import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.backbone.VggtSizes;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.KeyMatch;
import dev.tessera.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a checkpoint holds, in words and tables, and whether a network can be made of it. */
public final class CheckpointReport {
  private static final int MOST_LISTED = 20;

  private final Checkpoint checkpoint;
  private final StringBuilder text = new StringBuilder();

  private CheckpointReport(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * The report.
   *
   * @param text many lines
   * @param obstacle why no network can be made of it; empty if one can
   */
  public record Result(String text, Optional<String> obstacle) {}

  /** Looks at names, types and shapes; reads no weights. */
  public static Result of(Checkpoint checkpoint, ConfigFile file) {
    CheckpointReport report = new CheckpointReport(checkpoint);
    report.line("weights", checkpoint.path());
    report.line("config", file);
    Optional<String> obstacle = report.network(file);
    return new Result(report.text.toString(), obstacle);
  }

  private Optional<String> network(ConfigFile file) {
    VggtSizes sizes;
    try {
      sizes = VggtSizes.of(checkpoint, file);
    } catch (IllegalArgumentException e) {
      line("kind", "cannot be told: see below");
      stored();
      return Optional.of(e.getMessage());
    }
    VggtConfig config = sizes.config();
    line(
        "kind",
        config.isQueryable()
            ? "vgg-t3: fast weights in the global layers"
            : "vggt: softmax attention in the global layers");
    stored();
    sizes(sizes);
    heads(config);
    memory(config);
    return fit(config);
  }

  private void stored() {
    Map<DType, List<TensorInfo>> byType = new EnumMap<>(DType.class);
    Map<String, List<TensorInfo>> byModule = new TreeMap<>();
    for (String name : checkpoint.names()) {
      TensorInfo info = checkpoint.info(name);
      byType.computeIfAbsent(info.dtype(), t -> new ArrayList<>()).add(info);
      byModule.computeIfAbsent(module(name), m -> new ArrayList<>()).add(info);
    }
    line("tensors", total(checkpoint.names().stream().map(checkpoint::info).toList()));
    byType.forEach((type, tensors) -> line("  " + type, total(tensors)));
    text.append('\n');
    byModule.entrySet().stream()
        .limit(MOST_LISTED)
        .forEach(e -> line("  " + e.getKey(), total(e.getValue())));
    more(byModule.size());
    text.append('\n');
  }

  /** Names up to the first dot; in the trunk, which holds most of a VGGT, up to the second. */
  private static String module(String name) {
    int dot = name.indexOf('.');
    if (name.startsWith("aggregator.")) {
      int second = name.indexOf('.', dot + 1);
      return second < 0 ? name : name.substring(0, second);
    }
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static String total(List<TensorInfo> tensors) {
    long numbers = tensors.stream().mapToLong(TensorInfo::elements).sum();
    long bytes = tensors.stream().mapToLong(TensorInfo::bytes).sum();
    return String.format(
        Locale.ROOT, "%,6d tensors  %,15d parameters  %,16d bytes", tensors.size(), numbers, bytes);
  }

  private void sizes(VggtSizes sizes) {
    for (VggtSizes.Size size : sizes.sizes()) {
      String from = size.origin().name().toLowerCase(Locale.ROOT);
      text.append(String.format(Locale.ROOT, "%-24s %-24s %s%n", size.name(), size.value(), from));
    }
    text.append('\n');
  }

  private void heads(VggtConfig config) {
    line("taps", "heads see layers " + config.taps() + " of 0 to " + (config.depth() - 1));
    line("point head", config.hasPointHead() ? "yes" : "none");
  }

  private void memory(VggtConfig config) {
    config
        .fastWeights()
        .ifPresentOrElse(
            fast -> {
              long ofLayer = 3L * config.width() * fast.hidden();
              line(
                  "fast weights",
                  "%d layers of 3 tensors, %d heads, %d x %d each"
                      .formatted(
                          config.depth(),
                          fast.heads(),
                          config.width() / fast.heads(),
                          fast.hidden()));
              line(
                  "memory of a map",
                  String.format(
                      Locale.ROOT,
                      "%,d bytes, and %,d for each of its images",
                      config.depth() * ofLayer * Float.BYTES,
                      2L * config.width() * Float.BYTES));
            },
            () -> line("memory of a map", "none: it cannot be asked about other images"));
  }

  private Optional<String> fit(VggtConfig config) {
    KeyMatch match = Vggt.match(checkpoint, config);
    Set<String> known = new HashSet<>(match.storedNames().values());
    known.addAll(match.unknown());
    long unused = checkpoint.names().stream().filter(name -> !known.contains(name)).count();
    text.append('\n');
    list("missing", match.missing());
    list("misshapen", match.misfits());
    list("unknown", match.unknown());
    line("known, unused", unused);
    return match.fits()
        ? Optional.empty()
        : Optional.of("Cannot use weights %s: %s".formatted(checkpoint.path(), match.summary()));
  }

  private void list(String title, List<String> entries) {
    line(title, entries.isEmpty() ? "none" : entries.size());
    entries.stream().limit(MOST_LISTED).forEach(entry -> text.append("  " + entry + "\n"));
    more(entries.size());
  }

  private void more(int entries) {
    if (entries > MOST_LISTED) {
      text.append("  and %d more%n".formatted(entries - MOST_LISTED));
    }
  }

  private void line(String title, Object value) {
    text.append(String.format(Locale.ROOT, "%-24s %s%n", title, value));
  }
}
