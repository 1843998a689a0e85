// Writes a file to the address of an upload session with the official client for Azure blobs, as any sender could: some blocks in parallel, then, asking what is
// there where the address tells, the rest; the list of blocks last. With `stream` as mode, by the client's own uploadStream.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { AnonymousCredential, BlockBlobClient } from '@azure/storage-blob';

const [mode, url, file, blockBytes] = process.argv.slice(2);
const blob = new BlockBlobClient(url, new AnonymousCredential());
const size = Number(blockBytes);

if (mode === 'stream') {
  const { etag } = await blob.uploadStream(createReadStream(file), size, 4);
  console.log(JSON.stringify({ etag }));
} else {
  const { size: bytes } = await stat(file);
  const handle = await open(file);
  const ids = Array.from({ length: Math.ceil(bytes / size) }, (_, i) => Buffer.from(`block-${String(i).padStart(6, '0')}`).toString('base64'));
  const stage = async (i) => {
    const length = Math.min(size, bytes - i * size);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, i * size);
    await blob.stageBlock(ids[i], buffer, length);
  };

  await Promise.all(ids.map((_, i) => i).filter((i) => i % 2 === 0).map(stage));
  let there = new Set();
  if (mode === 'resume') {
    const list = await blob.getBlockList('uncommitted');
    there = new Set(list.uncommittedBlocks.map((block) => block.name));
  }

  const missing = ids.map((_, i) => i).filter((i) => (mode === 'resume' ? !there.has(ids[i]) : i % 2 === 1));
  await Promise.all(missing.map(stage));
  const { etag } = await blob.commitBlockList(ids);
  await handle.close();
  console.log(JSON.stringify({ etag, blocks: ids.length, resumed: there.size }));
}
