package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.synthetic.Flight;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownCamera;
import dev.tessera.synthetic.TownPhotos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.imaging.formats.jpeg.exif.ExifRewriter;

/**
 * Photos of a small made-up town, rendered once, and one undisturbed run over them, for all tests
 * of this JVM. What is shared is never written to: tests take copies.
 */
final class SmallTown {
  static final int PHOTOS = 30;

  /** So that the photos need several chunks. */
  static final int MAX_VIEWS = 16;

  private static final int WIDTH = 480;
  private static final int HEIGHT = 360;
  static final long SEED = 3;

  private static Path scratch;
  private static Path photos;
  private static Path published;

  private SmallTown() {}

  /** The photo folder; {@code truth.csv} in it has the exact cameras. */
  static synchronized Path photos() throws IOException {
    if (photos == null) {
      photos = newFolder("photos");
      write(photos, flight());
    }
    return photos;
  }

  static Path truth() throws IOException {
    return photos().resolve(TownPhotos.TRUTH);
  }

  /** Names of the photos, in order of capture. */
  static List<String> names() {
    return cameras().stream().map(TownCamera::name).toList();
  }

  /** The exact cameras, in order of capture. */
  static List<TownCamera> cameras() {
    return flight().cameras();
  }

  /** A workspace with the map of {@link #photos}, made by one run on two cores. */
  static synchronized Path published() throws IOException {
    if (published == null) {
      Path workspace = newFolder("published");
      CommandLineRun run = run(photos(), workspace);
      assertThat(run.exitCode()).as(run.err()).isZero();
      published = workspace;
    }
    return published;
  }

  /** {@code tessera run} on two cores. */
  static CommandLineRun run(Path photoFolder, Path workspace, String... further) {
    return CommandLineRun.of(arguments(photoFolder, workspace, "local[2]"), further);
  }

  /** The arguments of {@code tessera run} that give this town several chunks. */
  static List<String> arguments(Path photoFolder, Path workspace, String master) {
    List<String> arguments = new ArrayList<>(arguments(photoFolder, workspace));
    arguments.addAll(List.of("--master", master));
    return arguments;
  }

  /** As {@link #arguments(Path, Path, String)}, without a master. */
  static List<String> arguments(Path photoFolder, Path workspace) {
    return List.of(
        "run",
        "--photos",
        photoFolder.toString(),
        "--workspace",
        workspace.toString(),
        "--max-views-per-chunk",
        Integer.toString(MAX_VIEWS),
        "--set",
        "sfm.max-features=1500",
        "--set",
        "partition.min-shared-views=5");
  }

  /** A copy of the published workspace, to be continued. */
  static Path copyOfPublished() throws IOException {
    Path copy = newFolder("copy");
    copy(published(), copy);
    return copy;
  }

  /** A new folder with the first photos of the town. */
  static Path somePhotos(int count) throws IOException {
    Path some = newFolder("some photos");
    for (String name : names().subList(0, count)) {
      Files.createDirectories(some.resolve(name).getParent());
      Files.copy(photos().resolve(name), some.resolve(name));
    }
    return some;
  }

  /** Adds a photo that the flight did not take, next to its last one. */
  static void addOnePhoto(Path folder) throws IOException {
    List<TownCamera> cameras = flight().cameras();
    TownCamera last = cameras.get(cameras.size() - 1);
    long later = last.captureMillis() + 60_000;
    TownCamera one =
        new TownCamera("flight/9999.jpg", last.intrinsics(), last.cameraFromWorld(), later);
    Path rendered = newFolder("one-photo");
    TownPhotos.write(
        rendered,
        SyntheticTown.seeded(SEED),
        new Flight(List.of(one)),
        TownPhotos.Config.defaults(SEED + 1),
        done -> {});
    Files.copy(rendered.resolve(one.name()), folder.resolve(one.name()));
  }

  /** Takes all headers off a photo. */
  static void stripExif(Path photo) throws IOException {
    byte[] bytes = Files.readAllBytes(photo);
    try (var out = Files.newOutputStream(photo)) {
      new ExifRewriter().removeExifMetadata(bytes, out);
    }
  }

  /** A new empty folder that goes when the JVM ends. */
  static synchronized Path newFolder(String name) throws IOException {
    if (scratch == null) {
      scratch = Files.createTempDirectory("tessera-jobs-tests");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteAll(scratch)));
    }
    return Files.createTempDirectory(scratch, name + "-");
  }

  static Flight flight() {
    Flight.Config size = Flight.Config.ofSize(WIDTH, HEIGHT);
    Flight.Config noStreets =
        new Flight.Config(
            size.width(),
            size.height(),
            size.focalPixels(),
            size.flightHeightMeters(),
            size.forwardOverlap(),
            size.sideOverlap(),
            size.obliqueTiltDegrees(),
            0,
            size.streetHeightMeters(),
            size.streetTiltDegrees(),
            size.streetStepMeters(),
            size.heightRatioPerPhoto(),
            size.attitudeSigmaDegrees(),
            size.positionSigmaMeters());
    return Flight.of(SyntheticTown.seeded(SEED), PHOTOS, SEED, noStreets);
  }

  private static void write(Path folder, Flight flight) throws IOException {
    TownPhotos.write(
        folder, SyntheticTown.seeded(SEED), flight, TownPhotos.Config.defaults(SEED), done -> {});
  }

  static void copy(Path from, Path to) throws IOException {
    for (Path path : tree(from)) {
      Path target = to.resolve(from.relativize(path).toString());
      if (Files.isDirectory(path)) {
        Files.createDirectories(target);
      } else if (!path.toString().endsWith(".crc")) { // Hadoop's, of the bytes as they were
        Files.copy(path, target);
      }
    }
  }

  /** A folder and everything below it, parents first. */
  static List<Path> tree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted().toList();
    }
  }

  private static void deleteAll(Path folder) {
    try {
      List<Path> paths = new ArrayList<>(tree(folder));
      paths.sort(Comparator.reverseOrder());
      for (Path path : paths) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
