package dev.tessera.jobs.cli;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tessera.backbone.Vggt;
import dev.tessera.benchmark.BlockBenchmark;
import dev.tessera.benchmark.FullSizeBenchmark;
import dev.tessera.benchmark.LinearBenchmark;
import dev.tessera.benchmark.LoadBenchmark;
import dev.tessera.benchmark.MemoryBenchmark;
import dev.tessera.benchmark.Table;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.UsageException;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the networks and their kernels; needs no photos, and no weights but for load. */
@Command(
    name = "network",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "WHAT",
    subcommands = {
      NetworkBenchCommands.Linear.class,
      NetworkBenchCommands.Block.class,
      NetworkBenchCommands.Full.class,
      NetworkBenchCommands.Memory.class,
      NetworkBenchCommands.Load.class,
      NetworkBenchCommands.Gpu.class,
      NetworkBenchCommands.Archive.class
    },
    description =
        "Measures the networks and their kernels; needs no photos, and no weights but for load.")
public final class NetworkBenchCommands {
  private static final int PATCH = 14;

  private NetworkBenchCommands() {}

  /** Options of all benchmarks. */
  static final class Common {
    @Option(
        names = "--threads",
        paramLabel = "N",
        description = "Threads of an operation (default: all cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
        names = "--json",
        paramLabel = "FILE",
        description = "Write the numbers into this file, too.")
    private Path json;

    int threads() {
      return positive("--threads", threads);
    }

    int show(CommandSpec spec, List<Table> tables) throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      tables.forEach(table -> out.println(table.toText()));
      out.flush();
      if (json != null) {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        List<Map<String, Object>> fields = tables.stream().map(Table::toFields).toList();
        Files.writeString(json, mapper.writeValueAsString(fields) + "\n");
      }
      return ExitCodes.OK;
    }
  }

  private static int positive(String option, int value) {
    if (value < 1) {
      throw new UsageException("Cannot use %s %d: must be at least 1".formatted(option, value));
    }
    return value;
  }

  private static List<Integer> views(List<Integer> views) {
    views.forEach(count -> positive("--views", count));
    return views;
  }

  private static void progress(CommandSpec spec, String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  /** Cost against the number of views. */
  @Command(
      name = "linear",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Time and memory against the number of views: softmax and fast weights.")
  static final class Linear implements Callable<Integer> {
    @Option(
        names = "--views",
        split = ",",
        paramLabel = "N",
        description = "Numbers of views (default: ${DEFAULT-VALUE}).",
        defaultValue = "4,8,16,32,64,128,256")
    private List<Integer> views;

    @Option(
        names = "--repeats",
        paramLabel = "N",
        description = "Passes of which the best counts (default: ${DEFAULT-VALUE}).",
        defaultValue = "3")
    private int repeats;

    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      LinearBenchmark benchmark = new LinearBenchmark(line -> progress(spec, line));
      Table table = benchmark.run(views(views), positive("--repeats", repeats), common.threads());
      return common.show(spec, List.of(table));
    }
  }

  /** Kernels against plain matrix products. */
  @Command(
      name = "block",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Operations per second of the kernels, against plain matrix products.")
  static final class Block implements Callable<Integer> {
    @Option(
        names = "--repeats",
        paramLabel = "N",
        description = "Rounds of which the best counts (default: ${DEFAULT-VALUE}).",
        defaultValue = "8")
    private int repeats;

    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      try (BlockBenchmark benchmark = new BlockBenchmark(Device.cpu(), common.threads())) {
        return common.show(spec, List.of(benchmark.run(positive("--repeats", repeats))));
      }
    }
  }

  /** Options of the networks at full size. */
  static final class FullSize {
    @Option(
        names = "--softmax",
        description = "VGGT-1B, with softmax attention, instead of VGG-T3.")
    private boolean softmax;

    @Option(
        names = "--weights",
        paramLabel = "FILE",
        description = {
          "Safetensors file of the released architecture; random weights (4.8 GB) are written",
          "if it is not there (default: a temporary file)."
        })
    private Path weights;

    @Option(
        names = "--dtype",
        split = ",",
        paramLabel = "f32|bf16",
        description = "Precisions (default: f32,bf16).",
        defaultValue = "f32,bf16")
    private List<String> dtypes;

    @Option(
        names = "--steps",
        paramLabel = "K",
        description = "Steps of the fast weights (default: ${DEFAULT-VALUE}).",
        defaultValue = "2")
    private int steps;

    @Option(
        names = "--size",
        paramLabel = "WxH",
        description = "Width and height of a view (default: ${DEFAULT-VALUE}).",
        defaultValue = "518x392")
    private String size;

    @Option(
        names = "--dense-views",
        paramLabel = "N",
        description = "Views whose depth and points are computed together (default: 2).",
        defaultValue = "2")
    private int denseViews;

    Table run(CommandSpec spec, List<Integer> views, Device device, int threads)
        throws IOException {
      List<Precision> precisions = precisions();
      int[] sides = sides();
      Path folder = Files.createTempDirectory("tessera-bench-");
      Path temporary = folder.resolve("model.safetensors");
      try {
        return new FullSizeBenchmark(line -> progress(spec, line))
            .run(
                new FullSizeBenchmark.Config(
                    softmax,
                    weights == null ? temporary : weights,
                    views(views),
                    sides[1],
                    sides[0],
                    precisions,
                    Vggt.Options.defaults().withSteps(positive("--steps", steps)),
                    positive("--dense-views", denseViews),
                    device,
                    threads));
      } finally {
        Files.deleteIfExists(temporary);
        Files.delete(folder);
      }
    }

    private List<Precision> precisions() {
      try {
        return dtypes.stream().map(Precision::of).toList();
      } catch (IllegalArgumentException e) {
        throw new UsageException(e.getMessage());
      }
    }

    private int[] sides() {
      if (!size.matches("\\d{2,4}x\\d{2,4}")) {
        throw new UsageException("Cannot use --size " + size + ": must be as 518x392");
      }
      String[] parts = size.split("x", 2);
      int width = Integer.parseInt(parts[0]);
      int height = Integer.parseInt(parts[1]);
      if (width % PATCH != 0 || height % PATCH != 0) {
        throw new UsageException(
            "Cannot use --size %s: sides must be multiples of %d".formatted(size, PATCH));
      }
      return new int[] {width, height};
    }
  }

  /** The released architecture. */
  @Command(
      name = "full",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "The released architecture at full size on random weights.")
  static final class Full implements Callable<Integer> {
    @Option(
        names = "--views",
        split = ",",
        paramLabel = "N",
        description = "Numbers of views (default: ${DEFAULT-VALUE}).",
        defaultValue = "2,4")
    private List<Integer> views;

    @Mixin private FullSize fullSize;
    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      return common.show(spec, List.of(fullSize.run(spec, views, Device.cpu(), common.threads())));
    }
  }

  /** Whether memory grows. */
  @Command(
      name = "memory",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Whether many forward passes of a tiny network leave memory flat.")
  static final class Memory implements Callable<Integer> {
    @Option(
        names = "--passes",
        paramLabel = "N",
        description = "Forward passes (default: ${DEFAULT-VALUE}).",
        defaultValue = "1000")
    private int passes;

    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Table table = new MemoryBenchmark().run(positive("--passes", passes), common.threads());
      return common.show(spec, List.of(table));
    }
  }

  /** What it costs to load a checkpoint for each task. */
  @Command(
      name = "load",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Loads a checkpoint once for all tasks of a JVM, and once for each.")
  static final class Load implements Callable<Integer> {
    @Option(
        names = "--tasks",
        paramLabel = "N",
        description = "Tasks of the JVM (default: ${DEFAULT-VALUE}).",
        defaultValue = "40")
    private int tasks;

    @Mixin private WeightsOptions weights;
    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      try (Checkpoint checkpoint = weights.checkpoint()) {
        Table table =
            new LoadBenchmark()
                .run(
                    checkpoint, weights.configFile(), positive("--tasks", tasks), common.threads());
        return common.show(spec, List.of(table));
      } catch (IllegalArgumentException e) {
        throw new UsageException(e.getMessage());
      }
    }
  }

  /** The same on a GPU. */
  @Command(
      name = "gpu",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Kernels and the released architecture at full size on a GPU.",
        "Needs a libtorch with CUDA (PYTORCH_LIBRARY_PATH)."
      })
  static final class Gpu implements Callable<Integer> {
    @Option(
        names = "--views",
        split = ",",
        paramLabel = "N",
        description = "Numbers of views (default: ${DEFAULT-VALUE}).",
        defaultValue = "8,16,32,64,128,256,512,1000")
    private List<Integer> views;

    @Mixin private FullSize fullSize;
    @Mixin private Common common;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Device device = Device.gpu(0);
      Table kernels;
      try (BlockBenchmark benchmark = new BlockBenchmark(device, common.threads())) {
        kernels = benchmark.run(8);
      } catch (IllegalStateException noGpu) {
        throw new UsageException(noGpu.getMessage());
      }
      return common.show(
          spec, List.of(kernels, fullSize.run(spec, views, device, common.threads())));
    }
  }

  /** The kernels for a machine without Java. */
  @Command(
      name = "kernels",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Writes all kernels as one TorchScript archive, which PyTorch loads.")
  static final class Archive implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The archive.")
    private Path out;

    @Override
    public Integer call() throws IOException {
      Path folder = out.toAbsolutePath().getParent();
      if (Files.isDirectory(out) || !Files.isDirectory(folder)) {
        throw new UsageException("Cannot write " + out + ": no file can be there");
      }
      Files.write(out, Kernels.archive());
      return ExitCodes.OK;
    }
  }
}
