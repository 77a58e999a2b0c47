package dev.tessera.jobs.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.reconstruct.ScenePoints;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkStoreTest {
  @TempDir Path root;

  private ChunkStore store;

  @BeforeEach
  void aStore() {
    store = new ChunkStore(new org.apache.hadoop.fs.Path(root.toUri()), new Configuration());
  }

  @Test
  void aSceneComesBackBitForBit() throws IOException {
    for (long seed = 0; seed < 5; seed++) {
      ChunkScene scene = scene(seed, 7, 500);

      store.publish("key" + seed, scene);

      assertThat(store.contains("key" + seed)).isTrue();
      assertSame(store.read("key" + seed, scene.chunk()), scene);
      assertThat(store.readCameras("key" + seed)).isEqualTo(scene.cameras());
      assertThat(store.readUnregistered("key" + seed)).isEqualTo(scene.unregistered());
    }
  }

  @Test
  void aSceneWithoutPointsOrCamerasComesBackToo() throws IOException {
    for (ChunkScene scene : List.of(scene(1, 0, 0), scene(2, 3, 0))) {
      store.publish("empty" + scene.cameras().size(), scene);

      assertSame(store.read("empty" + scene.cameras().size(), scene.chunk()), scene);
    }
  }

  @Test
  void aMemoryComesBackByteForByteWhenItIsAskedFor() throws IOException {
    for (long seed = 0; seed < 5; seed++) {
      SceneMemory memory = memory(new Random(seed), 9);
      ChunkScene scene = scene(seed, 3, 20).with(memory);

      store.publish("key" + seed, scene);

      assertSame(store.read("key" + seed, scene.chunk()), scene);
      assertThat(store.read("key" + seed, scene.chunk()).memory().isEmpty()).isTrue();
      assertThat(store.countTensors("key" + seed)).isEqualTo(9);
      assertThat(store.readMemory("key" + seed)).usingRecursiveComparison().isEqualTo(memory);
    }
  }

  @Test
  void aSceneThatKeepsNoMemoryHasNoFileOfIt() throws IOException {
    store.publish("key", scene(1, 3, 20));

    assertThat(root.resolve("key/memory.parquet")).doesNotExist();
    assertThat(store.countTensors("key")).isZero();
    assertThat(store.readMemory("key").isEmpty()).isTrue();
  }

  /** A reader or writer holds a few tensors of a memory at a time, not all of them. */
  @Test
  void aLargeMemoryIsManyRowGroups() throws IOException {
    byte[] megabyte = new byte[1 << 20];
    new Random(1).nextBytes(megabyte); // does not shrink
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(new Tensor("token", "F32", List.of(2), new byte[8])); // small ones tell nothing
    for (int i = 1; i < 24; i++) {
      tensors.add(new Tensor("w" + i, "F32", List.of(16, 64, 256), megabyte));
    }

    store.publish("key", scene(1, 1, 1).with(new SceneMemory("fast-weights", tensors)));

    InputFile file =
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(root.resolve("key/memory.parquet").toUri()),
            new Configuration());
    try (ParquetFileReader reader = ParquetFileReader.open(file)) {
      assertThat(reader.getRecordCount()).isEqualTo(24);
      assertThat(reader.getRowGroups())
          .hasSizeGreaterThanOrEqualTo(6)
          .allMatch(group -> group.getTotalByteSize() <= 5 << 20);
    }
  }

  /** The key says what a scene is made of; chunks are numbered anew by every partition. */
  @Test
  void aSceneIsGivenTheNumberThatItsChunkHasNow() throws IOException {
    store.publish("key", scene(3, 4, 20));

    assertThat(store.read("key", new ChunkId(41)).chunk()).isEqualTo(new ChunkId(41));
  }

  @Test
  void whatIsNotPublishedIsNotThere() throws IOException {
    assertThat(store.contains("key")).isFalse();
    assertThatThrownBy(() -> store.read("key", new ChunkId(0)))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("scene.json");
  }

  @Test
  void whatWasTooLargeIsKnownForTheMemoryThereWas() throws IOException {
    assertThat(store.tooLarge("key", "4 GB")).isEmpty();

    store.publishTooLarge("key", "4 GB", "16 views:\n no room");

    assertThat(store.tooLarge("key", "4 GB")).hasValue("16 views:\n no room");
    assertThat(store.tooLarge("key", "8 GB")).isEmpty();
    assertThat(store.tooLarge("other", "4 GB")).isEmpty();
    assertThat(store.contains("key")).isFalse();
  }

  @Test
  void aHalfWrittenAttemptIsInvisible() throws IOException {
    Path attempt = Files.createDirectory(root.resolve("_attempt-key-0"));
    Files.writeString(attempt.resolve("cameras.parquet"), "half a fi");

    assertThat(store.contains("key")).isFalse();
    store.publish("key", scene(4, 2, 10));
    assertSame(store.read("key", new ChunkId(4)), scene(4, 2, 10));
  }

  @Test
  void aSceneThatIsThereStaysAndTheLaterAttemptGoes() throws IOException {
    store.publish("key", scene(5, 2, 10));
    store.publish("key", scene(6, 3, 12));

    assertSame(store.read("key", new ChunkId(5)), scene(5, 2, 10));
    assertThat(names()).containsExactly("key");
  }

  @Test
  void aRemovedSceneCanBePublishedAnew() throws IOException {
    store.publish("key", scene(5, 2, 10));
    store.remove("key");
    assertThat(store.contains("key")).isFalse();

    store.publish("key", scene(6, 3, 12));
    assertSame(store.read("key", new ChunkId(6)), scene(6, 3, 12));
  }

  @Test
  void tasksThatPublishOneSceneTogetherLeaveOneWholeScene() throws Exception {
    int tasks = 8;
    ExecutorService pool = Executors.newFixedThreadPool(tasks);
    try {
      for (int round = 0; round < 5; round++) {
        String key = "key" + round;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> published = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
          published.add(
              pool.submit(
                  () -> {
                    start.await();
                    store.publish(key, scene(7, 3, 30));
                    return null;
                  }));
        }
        start.countDown();
        for (Future<?> task : published) {
          task.get();
        }
        assertSame(store.read(key, new ChunkId(7)), scene(7, 3, 30));
        try (Stream<Path> files = Files.list(root.resolve(key))) {
          assertThat(files.filter(Files::isDirectory)).isEmpty();
        }
      }
      assertThat(names()).containsExactly("key0", "key1", "key2", "key3", "key4");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aStoreTravelsToExecutors() throws Exception {
    store.publish("key", scene(8, 2, 10));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(store);
    }

    ChunkStore there =
        (ChunkStore)
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

    assertSame(there.read("key", new ChunkId(8)), scene(8, 2, 10));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertSame(ChunkScene found, ChunkScene wanted) {
    assertThat(found.chunk()).isEqualTo(wanted.chunk());
    assertThat(found.cameras()).isEqualTo(wanted.cameras());
    assertThat(found.unregistered()).isEqualTo(wanted.unregistered());
    assertThat(found.residuals().counts()).isEqualTo(wanted.residuals().counts());
    ScenePoints a = found.points();
    ScenePoints b = wanted.points();
    assertThat(a.count()).isEqualTo(b.count());
    assertThat(a.observationCount()).isEqualTo(b.observationCount());
    for (int i = 0; i < a.count(); i++) {
      assertThat(a.position(i)).isEqualTo(b.position(i));
      assertThat(a.rgb(i)).isEqualTo(b.rgb(i));
      assertThat(a.confidence(i)).isEqualTo(b.confidence(i));
      assertThat(a.observationsBegin(i)).isEqualTo(b.observationsBegin(i));
    }
    for (int i = 0; i < a.observationCount(); i++) {
      assertThat(a.cameraOf(i)).isEqualTo(b.cameraOf(i));
      assertThat(a.uOf(i)).isEqualTo(b.uOf(i));
      assertThat(a.vOf(i)).isEqualTo(b.vOf(i));
    }
  }

  /** A scene of random numbers; its chunk has the number of the seed. */
  private static ChunkScene scene(long seed, int cameraCount, int pointCount) {
    Random random = new Random(seed);
    List<SceneCamera> cameras = new ArrayList<>();
    for (int i = 0; i < cameraCount; i++) {
      cameras.add(camera(random));
    }
    ResidualHistogram residuals = ResidualHistogram.empty();
    for (int i = 0; i < pointCount; i++) {
      residuals.add(random.nextDouble() * 6);
    }
    List<Unregistered> missing = new ArrayList<>();
    for (Unregistered.Reason reason : Unregistered.Reason.values()) {
      missing.add(
          new Unregistered(new ViewId(random.nextLong() >>> 1), reason, "why \"" + reason + '"'));
    }
    return new ChunkScene(
        new ChunkId((int) seed),
        cameras,
        points(random, cameraCount, pointCount),
        missing,
        residuals,
        SceneMemory.NONE);
  }

  private static SceneMemory memory(Random random, int count) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Integer> shape = random.ints(i % 4, 1, 5).boxed().toList();
      byte[] bytes = new byte[2 * shape.stream().reduce(1, (a, b) -> a * b)];
      random.nextBytes(bytes);
      tensors.add(new Tensor("tensor." + i, i % 2 == 0 ? "BF16" : "F16", shape, bytes));
    }
    return new SceneMemory("fast-weights", tensors);
  }

  private static SceneCamera camera(Random random) {
    Rigid3 pose =
        new Rigid3(Quaternion.ofRotationVector(vector(random)), vector(random).times(100));
    Intrinsics intrinsics =
        new Intrinsics(
            640 + random.nextInt(9),
            480,
            500 + random.nextDouble(),
            320.5,
            random.nextDouble() * 480,
            random.nextGaussian() * 0.1,
            random.nextGaussian() * 0.1);
    return new SceneCamera(
        new ViewId(random.nextLong() >>> 1),
        pose,
        intrinsics,
        random.nextInt(9999),
        random.nextDouble());
  }

  private static Vec3 vector(Random random) {
    return new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
  }

  private static ScenePoints points(Random random, int cameras, int count) {
    float[] xyz = new float[3 * count];
    byte[] rgb = new byte[3 * count];
    float[] confidence = new float[count];
    int[] start = new int[count + 1];
    random.nextBytes(rgb);
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < 3; k++) {
        xyz[3 * i + k] = (float) (50 * random.nextGaussian());
      }
      confidence[i] = random.nextFloat();
      start[i + 1] = start[i] + 2 + random.nextInt(4);
    }
    int observations = start[count];
    int[] camera = new int[observations];
    float[] pixel = new float[2 * observations];
    for (int i = 0; i < observations; i++) {
      camera[i] = random.nextInt(cameras);
      pixel[2 * i] = 640 * random.nextFloat();
      pixel[2 * i + 1] = 480 * random.nextFloat();
    }
    return new ScenePoints(xyz, rgb, confidence, start, camera, pixel);
  }
}
