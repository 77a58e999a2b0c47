package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.FaultyProxy.Fault;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Photos and workspace on an S3 server, over HTTP, with drivers in processes of their own. */
@Tag("slow")
class ObjectStoreTest {
  private static final long SEED = 11;

  /** Of all requests: enough to meet every kind of fault in every stage. */
  private static final double FAULT_SHARE = 0.05;

  /** Two readings (ingest, reconstruct) of a HEAD and a GET, the second for the halo as well. */
  private static final int PHOTO_REQUESTS = 6;

  /**
   * Six objects written, which align reads for each neighbour, the shared lens, repair and merge
   * once: HEAD and GETs of a footer and its columns.
   */
  private static final int SCENE_REQUESTS = 140;

  private static final Pattern OF_PHOTOS = Pattern.compile("(GET|HEAD) photos/.*");

  private static final String CAMERAS =
      "select * exclude (uri) replace (geometry::varchar as geometry) from {cameras} order by image_id";

  private static S3Server server;
  private static FileSystem bucket;

  @BeforeAll
  static void photosInABucket() throws Exception {
    server = S3Server.start();
    bucket = path("").getFileSystem(S3Server.configuration(server.port()));
    for (String name : SmallTown.names()) {
      bucket.copyFromLocalFile(local(SmallTown.photos().resolve(name)), path("photos/" + name));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    bucket.close();
    server.close();
  }

  @Test
  void theMapIsTheOneOfLocalDisksAndRequestsPerPhotoAndChunkAreBounded() throws Exception {
    try (FaultyProxy proxy = FaultyProxy.start(server.port(), 0, SEED)) {
      CommandLineRun run;
      try (ChildDriver driver = driver("quiet", proxy)) {
        run = driver.finished();
      }

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertSameMap(map("quiet"));
      Map<String, Integer> requests = proxy.requests();
      long chunks = chunks("quiet");
      System.err.printf(
          "Requests for %d photos, %d scenes: %s%n", SmallTown.PHOTOS, chunks, requests);
      assertThat(count(requests, OF_PHOTOS))
          .isBetween(SmallTown.PHOTOS, PHOTO_REQUESTS * SmallTown.PHOTOS);
      assertThat(count(requests, Pattern.compile(".* quiet/store")))
          .isBetween((int) chunks, SCENE_REQUESTS * (int) chunks);
      assertNoSecrets("quiet", run);
    }
  }

  @Test
  void aRunThatIsKilledAmongFaultsIsContinuedAndReleasedAmongFaultsAsTheSameMap() throws Exception {
    try (FaultyProxy proxy = FaultyProxy.start(server.port(), FAULT_SHARE, SEED)) {
      String log;
      try (ChildDriver driver = driver("stormy", proxy)) {
        driver.until(() -> chunks("stormy") > 0).kill();
        log = driver.err();
      }
      assertThat(bucket.exists(path("stormy/map-published.json"))).isFalse();
      long survived = chunks("stormy");

      CommandLineRun next;
      try (ChildDriver driver = driver("stormy", proxy)) {
        next = driver.finished();
      }
      CommandLineRun release;
      try (ChildDriver driver = publisher("stormy", "releases", proxy)) {
        release = driver.finished();
      }

      assertThat(next.exitCode()).as(next.err()).isZero();
      assertThat(survived).isPositive();
      assertThat(chunks("stormy")).isGreaterThanOrEqualTo(survived);
      assertThat(release.exitCode()).as(release.err()).isZero();
      assertSameMap(map("stormy"));
      assertSameMap(new org.apache.hadoop.fs.Path(release.out().strip()).getParent());
      for (Fault fault : Fault.values()) {
        assertThat(proxy.count(fault)).as(fault.name()).isPositive();
      }
      assertThat(log).doesNotContain(S3Server.SECRET_KEY, S3Server.ACCESS_KEY);
      assertNoSecrets("stormy", next);
      assertNoSecrets("releases", release);
    }
  }

  private static ChildDriver driver(String workspace, FaultyProxy proxy) throws IOException {
    List<String> arguments = new ArrayList<>();
    for (String argument : SmallTown.arguments(Path.of("photos"), Path.of("ws"), "local[2]")) {
      arguments.add(
          argument.equals("photos") || argument.equals("ws")
              ? path(argument.equals("ws") ? workspace : argument).toString()
              : argument);
    }
    arguments.addAll(List.of("--set", "reconstruct.chunks-at-once=1"));
    return driver(arguments, proxy);
  }

  private static ChildDriver publisher(String workspace, String releases, FaultyProxy proxy)
      throws IOException {
    List<String> arguments =
        List.of(
            "publish",
            "--workspace",
            path(workspace).toString(),
            "--releases",
            path(releases).toString(),
            "--master",
            "local[2]");
    return driver(new ArrayList<>(arguments), proxy);
  }

  /** A command whose S3 is behind the proxy, and whose keys are in its environment. */
  private static ChildDriver driver(List<String> arguments, FaultyProxy proxy) throws IOException {
    S3Server.settings(proxy.port()).forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return ChildDriver.start(
        arguments,
        Map.of(
            "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY));
  }

  private static int count(Map<String, Integer> requests, Pattern kind) {
    return requests.entrySet().stream()
        .filter(entry -> kind.matcher(entry.getKey()).matches())
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** Chunks that are published in a workspace. */
  private static long chunks(String workspace) throws IOException {
    var store = path(workspace + "/store");
    return bucket.exists(store)
        ? List.of(bucket.listStatus(store)).stream()
            .filter(entry -> entry.getPath().getName().endsWith("-published.json"))
            .count()
        : 0;
  }

  private static org.apache.hadoop.fs.Path map(String workspace) throws IOException {
    return Workspace.map(path(workspace).toString(), bucket.getConf());
  }

  private static void assertSameMap(org.apache.hadoop.fs.Path map) throws Exception {
    Path copy = SmallTown.newFolder("of-bucket");
    bucket.copyToLocalFile(false, map, local(copy.resolve("map")), true);
    assertThat(copy.resolve("map/_SUCCESS")).exists();
    try (MapSql stored = MapSql.of(copy);
        MapSql undisturbed = MapSql.of(SmallTown.published())) {
      assertThat(stored.rows(CAMERAS)).isEqualTo(undisturbed.rows(CAMERAS));
      assertThat(stored.points()).isEqualTo(undisturbed.points());
    }
  }

  /** Neither in what the driver said nor in any object that it wrote. */
  private static void assertNoSecrets(String workspace, CommandLineRun run) throws IOException {
    assertThat(run.out() + run.err())
        .doesNotContain(S3Server.SECRET_KEY)
        .doesNotContain(S3Server.ACCESS_KEY);
    RemoteIterator<LocatedFileStatus> files = bucket.listFiles(path(workspace), true);
    int looked = 0;
    while (files.hasNext()) {
      var file = files.next().getPath();
      try (var in = bucket.open(file)) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(S3Server.SECRET_KEY)
            .doesNotContain(S3Server.ACCESS_KEY);
      }
      looked++;
    }
    assertThat(looked).isGreaterThan(10);
  }

  private static org.apache.hadoop.fs.Path path(String below) {
    return new org.apache.hadoop.fs.Path("s3a://" + S3Server.BUCKET + "/" + below);
  }

  private static org.apache.hadoop.fs.Path local(Path file) {
    return new org.apache.hadoop.fs.Path(file.toUri());
  }
}
