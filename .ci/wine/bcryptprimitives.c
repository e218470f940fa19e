/*
 * bcryptprimitives.dll for releases of Wine that lack it.
 *
 * Every Go program for Windows takes its random numbers from ProcessPrng in
 * this library and stops at once without it. RtlGenRandom, which advapi32
 * exports as SystemFunction036, gives the same bytes in such a Wine: both read
 * the system's generator.
 *
 * Built by the install script; not part of any Go package.
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    while (length > 0) {
        ULONG chunk = length > 0x10000000 ? 0x10000000 : (ULONG)length;

        if (!SystemFunction036(buffer, chunk))
            return FALSE;
        buffer += chunk;
        length -= chunk;
    }
    return TRUE;
}
